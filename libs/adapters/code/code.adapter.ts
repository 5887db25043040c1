import { setTimeout } from 'node:timers/promises';
import { JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { CodeOutcome, CodePort, CodeRequest } from '@agent-platform/ports/code.port';
import { request as send } from 'undici';
import { z } from 'zod';

const Outcome = z.object({
  status: z.enum(['completed', 'failed']),
  result_json: JsonValue,
  error: z
    .object({
      code: z.enum(['code-timeout', 'code-memory', 'code-output-too-large', 'code-exception', 'code-result-not-json', 'code-exited']),
      message: z.string(),
      traceback: z.string().nullable(),
    })
    .nullable(),
  stdout: z.string(),
  stderr_excerpt: z.string(),
  tier: z.string(),
  duration_ms: z.number(),
}) satisfies z.ZodType<CodeOutcome>;

const Refusal = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), rule: z.string(), remedy: z.string() })).optional(),
});

/** Beyond the longest run and the longest queue. */
const SILENCE_MS = 700_000;

export interface CodePortOptions {
  /** Milliseconds for which a runner that is away is asked again, from the first failure on; default 20,000. 0: once only. */
  readonly patienceMs?: number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;
/** A full runner works off what it has: so many times as long is waited for a place. */
const FULL = 30;

/** The code runner at `baseUrl`, over HTTP. A run that was lost with its runner is run again: code is pure. */
export const createCodePort = (baseUrl: string, { patienceMs = 20_000 }: CodePortOptions = {}): CodePort => ({
  async run(request, { signal }) {
    let last: { readonly code: string; readonly since: number } | undefined;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      try {
        return await ask(baseUrl, request, signal);
      } catch (failure) {
        if (signal.aborted || !isPassing(failure)) throw failure;
        if (last?.code !== failure.code) last = { code: failure.code, since: performance.now() };
        const until = last.since + patienceMs * (failure.code === 'code-runner-busy' ? FULL : 1);
        // Not all at the same moment: they were refused at one.
        const wait = Math.max(delay, (failure.retryAfterSeconds ?? 0) * 1000) * (0.75 + Math.random() / 2);
        if (performance.now() + wait > until) throw failure;
        await setTimeout(wait, undefined, { signal });
      }
    }
  },
});

/** Whether a moment later it may be otherwise. A language that this machine has no sandbox for stays away. */
const isPassing = (failure: unknown): failure is Failure =>
  failure instanceof Failure && failure.kind === 'transient' && failure.code !== 'code-language-unavailable';

async function ask(baseUrl: string, { language, code, input_json, timeout_ms }: CodeRequest, signal: AbortSignal): Promise<CodeOutcome> {
  const answer = await send(new URL('/code/execute', baseUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language, code, input_json, timeout_seconds: timeout_ms / 1000 }),
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    signal,
  }).catch((cause: unknown) => Promise.reject(unavailable(cause)));
  const body: unknown = await answer.body.json().catch((cause: unknown) => Promise.reject(unavailable(cause)));
  if (answer.statusCode !== 200) throw refusalOf(answer.statusCode, answer.headers['retry-after'], body);
  const outcome = Outcome.safeParse(body);
  if (outcome.success) return outcome.data;
  throw new Failure('fault', 'code-runner-garbled', 'The code runner answered something else than an outcome.', { cause: outcome.error });
}

const unavailable = (cause: unknown): Failure =>
  new Failure('transient', 'code-runner-unavailable', 'The code runner does not answer; try again shortly, or check AGENT_PLATFORM_CODE_RUNNER_URL.', {
    cause,
    retryAfterSeconds: 1,
  });

function refusalOf(status: number, retryAfter: string | string[] | undefined, body: unknown): Failure {
  const refusal = Refusal.safeParse(body);
  if (!refusal.success) return unavailable(new Error(`It answered ${status}.`));
  const { code, detail, errors } = refusal.data;
  const transient = status === 429 || status >= 500;
  const seconds = Number(retryAfter);
  return new Failure(transient ? 'transient' : 'invalid', code, detail, {
    status,
    ...(errors && { errors }),
    ...(transient && Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  });
}
