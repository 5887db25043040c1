import { storable, storableText } from '@agent-platform/kernel/index';
import type { CodeError, CodeOutcome } from '@agent-platform/ports/code.port';
import { z } from 'zod';
import type { GuestEnd } from './guest.process.ts';
import { GUEST_LIMITS } from './limits.ts';
import type { Tier } from './tier.ts';

const Frame = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({
    failed: z.enum(['code-exception', 'code-result-not-json', 'code-memory', 'code-output-too-large']),
    message: z.string(),
    traceback: z.string(),
  }),
]);

/** What the end of a guest means. Total: a guest can write any frame it likes, and gets what it deserves. */
export function outcomeOf(end: GuestEnd, tier: Tier, timeoutMs: number): CodeOutcome {
  const shown = {
    stdout: storableText(end.stdout, GUEST_LIMITS.outputBytes).value,
    stderr_excerpt: storableText(end.stderr.slice(0, GUEST_LIMITS.stderrExcerpt)).value,
    tier: tier.name,
    duration_ms: Math.round(end.ms * 100) / 100,
  };
  const result = resultOf(end, timeoutMs);
  return 'error' in result
    ? { status: 'failed', result_json: null, error: result.error, ...shown }
    : { status: 'completed', result_json: result.value, error: null, ...shown };
}

/** How V8 tells its guest that a buffer is refused. */
const NO_MEMORY = /^RangeError: (?:Array buffer allocation failed|WebAssembly\.Memory\(\): could not allocate memory)/;

type Result = { readonly value: CodeOutcome['result_json'] } | { readonly error: CodeError };

const error = (code: CodeError['code'], message: string, traceback: string | null = null): Result => ({ error: { code, message, traceback } });

function resultOf(end: GuestEnd, timeoutMs: number): Result {
  // A result that was there in time counts: what was killed then was only in the way of the end.
  if (end.why === 'output') return error('code-output-too-large', `The code printed more than ${GUEST_LIMITS.outputBytes} bytes. Print less.`);
  if (end.frame === null) return withoutResult(end, timeoutMs);
  const frame = Frame.safeParse(parseJson(end.frame));
  if (!frame.success) return error('code-exited', 'The code broke the program that runs it. Leave its internals alone.');
  if ('failed' in frame.data) {
    const { failed, message, traceback } = frame.data;
    if (failed === 'code-exception' && NO_MEMORY.test(message)) return error('code-memory', 'The code used more memory than it may. Work on less at a time.');
    return error(failed, storableText(unasked(message), 4_000).value, traceback === '' ? null : ownFrames(unasked(traceback)));
  }
  const { value, changes } = storable(frame.data.result, GUEST_LIMITS.outputBytes + 1_000);
  if (changes.depth_cut) return error('code-result-not-json', 'result: must not be nested deeper than 64 levels. Flatten it.');
  if (changes.size_cut) return error('code-output-too-large', `result: must have ${GUEST_LIMITS.outputBytes} bytes of JSON at most. Leave less in it.`);
  return { value };
}

function withoutResult({ why, exitCode, signal, stderr }: GuestEnd, timeoutMs: number): Result {
  if (why === 'deadline') return error('code-timeout', `The code ran longer than ${timeoutMs / 1000} s and was stopped. Do less, or raise timeout_seconds.`);
  if (/out of memory|memory allocation|MemoryError|Cannot allocate|heap limit|bad_alloc|OOM/i.test(stderr)) {
    return error('code-memory', 'The code used more memory than it may. Work on less at a time.');
  }
  const how = signal === null ? `with exit code ${exitCode}` : `by signal ${signal}`;
  return error(
    'code-exited',
    `The code ended its process ${how} before it gave a result: ${storableText(stderr.trim().slice(-1_000)).value || 'it said nothing'}`,
  );
}

/** Deno's advice is for who starts it. */
const unasked = (text: string): string => text.replaceAll(/, run again with the --allow-[\w-]+ flag/g, ': code runs without any permission');

/** Only the guest's own frames, at the lines of its own text: V8 counts two lines of the function around it. */
const ownFrames = (text: string): string =>
  storableText(
    text
      .split('\n')
      .filter((line) => !/^\s+at .*(?:file:\/\/|ext:|javascript\.guest)/.test(line))
      .map((line) => line.replaceAll(/\(code\.js, <anonymous>:(\d+):(\d+)\)/g, (_, row: string, column: string) => `(code.js:${Number(row) - 2}:${column})`))
      .join('\n'),
    16_000,
  ).value;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
