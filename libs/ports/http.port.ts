export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeout_ms: number;
  /** The body is wanted as bytes, at most so many: the answer then has `bytes`, and no `text`. */
  readonly max_bytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Body as well-formed text without NUL, decompressed, cut at the adapter's limit. */
  readonly text: string;
  /** Body as it is, decompressed; absent when it was wanted as text. */
  readonly bytes?: Uint8Array;
  /** The body was longer than the adapter's limit; what is here is its beginning. */
  readonly truncated: boolean;
}

/**
 * The one door to the outside over HTTP. Any status is an answer. Throws Failure: invalid `egress-denied`
 * (address not allowed), `bad-url`, `bad-request-shape` (method, headers, size) and `redirect-refused` (too many, or
 * one that would carry the body to another origin); transient `http-timeout`, `http-unreachable` (no connection, or an
 * answer that is cut short or not well-formed) and `http-aborted` (the signal). `sent` on the failure's cause tells
 * whether the request may have reached the server; ask with `mayHaveArrived`.
 */
export interface HttpPort {
  send(request: HttpRequest, options: { readonly signal: AbortSignal }): Promise<HttpResponse>;
}

/**
 * True when a failed request may have reached the server, so that repeating it may do the work twice. An error that
 * does not say counts as arrived: assuming less could lead to a silent second call.
 */
export function mayHaveArrived(failure: unknown): boolean {
  if (!(failure instanceof Error)) return true;
  const cause = failure.cause;
  return typeof cause === 'object' && cause !== null && 'sent' in cause ? cause.sent !== false : true;
}
