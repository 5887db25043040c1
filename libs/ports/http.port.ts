export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeout_ms: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Body as text, cut at the adapter's limit. */
  readonly text: string;
  readonly truncated: boolean;
}

/**
 * The one door to the outside over HTTP. Any status is an answer. Throws Failure: invalid `egress-denied`
 * (address not allowed) and `bad-url`, transient `http-timeout` and `http-unreachable`; `sent` on the failure's
 * cause tells whether the request may have reached the server.
 */
export interface HttpPort {
  send(request: HttpRequest, options: { readonly signal: AbortSignal }): Promise<HttpResponse>;
}
