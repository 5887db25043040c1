import { JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { CodeOutcome, CodePort } from '@agent-platform/ports/code.port';
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

/** The code runner at `baseUrl`, over HTTP. Makes one attempt. */
export const createCodePort = (baseUrl: string): CodePort => ({
  async run({ language, code, input_json, timeout_ms }, { signal }) {
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
  },
});

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
