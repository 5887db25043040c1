import { APIConnectionError, APIError } from 'openai';
import { Failure, type FailureKind } from '@agent-platform/kernel/index';
import { badAnswer, streamCut } from './completion.reader.ts';

/** What is known about a call that failed. */
export interface FailedCall {
  /** Why it was given up, if it was: by the caller, or by one of our clocks. */
  readonly stopped: 'caller' | 'timeout' | null;
  /** The answer had begun. */
  readonly streaming: boolean;
  readonly now: number;
}

const BY_STATUS: Readonly<Record<number, readonly [FailureKind, string]>> = {
  400: ['invalid', 'model-bad-request'],
  401: ['invalid', 'model-unauthorized'],
  403: ['invalid', 'model-forbidden'],
  404: ['invalid', 'model-not-found'],
  408: ['transient', 'model-timeout'],
  409: ['transient', 'model-unavailable'],
  413: ['invalid', 'model-prompt-too-long'],
  422: ['invalid', 'model-bad-request'],
  425: ['transient', 'model-unavailable'],
  429: ['transient', 'model-rate-limited'],
};

/** What a failed call means to the platform: who must act next, and when to try again. */
export function toModelFailure(error: unknown, call: FailedCall): Failure {
  if (error instanceof Failure) return error;
  if (call.stopped === 'caller') return new Failure('transient', 'model-aborted', 'The model call was given up before its answer came.', { cause: error });
  if (call.stopped === 'timeout') {
    return new Failure('transient', 'model-timeout', 'The model did not answer in time. Try again, or raise the time limit.', { cause: error });
  }
  if (error instanceof APIConnectionError) {
    return new Failure('transient', 'model-unreachable', 'The model provider can not be reached. Check that it runs and that its base URL is right.', {
      cause: error,
    });
  }
  if (error instanceof APIError) return fromAnswer(error, call);
  if (error instanceof SyntaxError) return badAnswer(error);
  if (call.streaming) return streamCut(error);
  return new Failure('fault', 'model-fault', 'The model call failed on our side; the log has the details.', { cause: error });
}

function fromAnswer(error: APIError, { streaming, now }: FailedCall): Failure {
  // Of the model gateway: trying again is no use before the budget begins anew, or is raised.
  if (error.code === 'budget_exceeded') return new Failure('denied', 'model-budget-exceeded', error.message.replace(/^402 /, ''), { cause: error });
  // An error inside a stream has no status: the answer had begun with 200.
  const [kind, code] =
    error.status === undefined || error.status >= 500
      ? (['transient', streaming ? 'model-stream-cut' : 'model-unavailable'] as const)
      : (BY_STATUS[error.status] ?? (['invalid', 'model-refused'] as const));
  const wait = kind === 'transient' ? retryAfter(error.headers, now) : undefined;
  const status = error.status === undefined ? 'broke off' : `answered ${error.status}`;
  return new Failure(kind, code, `The model provider ${status}: ${error.message.slice(0, 300)}`, {
    cause: error,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
  });
}

/** Longest wait a provider can impose on us, in seconds. */
const LONGEST_WAIT = 3600;

/** `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3); undefined when absent or nonsense. */
function retryAfter(headers: { get(name: string): string | null } | undefined, now: number): number | undefined {
  const ms = headers?.get('retry-after-ms');
  const text = headers?.get('retry-after');
  const seconds = ms ? Number(ms) / 1000 : text ? (/^\s*[\d.]+\s*$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000) : Number.NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, LONGEST_WAIT) : undefined;
}
