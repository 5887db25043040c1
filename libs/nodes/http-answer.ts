import { Failure, storableText } from '@agent-platform/kernel/index';
import type { HttpResponse } from '@agent-platform/ports/index';
import type { NodeError } from './node.ts';
import { errorOf, nodeError } from './outcome.ts';

/** Statuses that say "later, and nothing was done": too many requests, and a service that is busy or away. */
const LATER: ReadonlySet<number> = new Set([429, 503]);
/** A gateway lost its backend in the middle: nobody knows whether the backend has done it. */
const LOST: ReadonlySet<number> = new Set([502, 504]);

/** Bytes of an answer's body that an error repeats. */
const EXCERPT_BYTES = 500;

export const isSuccess = (response: HttpResponse): boolean => response.status >= 200 && response.status < 300;

/** An answer that is no success, as data. `repeatable`: doing it twice does no harm. */
export function statusError(response: HttpResponse, who: string, { repeatable }: { readonly repeatable: boolean }): NodeError {
  const { value: excerpt } = storableText(response.text, EXCERPT_BYTES);
  return nodeError('http-status', `${who} answered with status ${response.status}: ${excerpt || '(no body)'}`, {
    retryable: LATER.has(response.status) || (LOST.has(response.status) && repeatable),
    detail: { status: response.status, body_excerpt: excerpt },
  });
}

/**
 * What the HTTP port threw, as data. Trying again is safe when the request never reached the server, and when
 * repeating it does no harm; the port says in `sent` of the cause whether it may have arrived.
 */
export function explainHttp(thrown: unknown, { repeatable }: { readonly repeatable: boolean }): NodeError {
  const error = errorOf(thrown);
  return { ...error, retryable: error.retryable && (repeatable || !maybeSent(thrown)) };
}

function maybeSent(thrown: unknown): boolean {
  const cause = thrown instanceof Failure ? thrown.cause : undefined;
  return !(typeof cause === 'object' && cause !== null && 'sent' in cause && cause.sent === false);
}
