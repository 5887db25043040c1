import { Failure, storableText } from '@agent-platform/kernel/index';
import type { HttpResponse } from '@agent-platform/ports/index';
import type { NodeError } from './node.ts';
import { errorOf, nodeError } from './outcome.ts';

/** Statuses that say "later": too many requests, and gateways whose backend is away. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Bytes of an answer's body that an error repeats. */
const EXCERPT_BYTES = 500;

export const isSuccess = (response: HttpResponse): boolean => response.status >= 200 && response.status < 300;

export function statusError(response: HttpResponse, who: string): NodeError {
  const { value: excerpt } = storableText(response.text, EXCERPT_BYTES);
  return nodeError('http-status', `${who} answered with status ${response.status}: ${excerpt || '(no body)'}`, {
    retryable: LATER.has(response.status),
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
