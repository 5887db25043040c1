import type { Dispatcher } from 'undici';
import { Failure } from '@agent-platform/kernel/index';
import type { HttpPort, HttpRequest, HttpResponse } from '@agent-platform/ports/http.port';
import { openPublic, openTrusted } from './connection.guard.ts';
import { SendError } from './egress.failure.ts';
import { exchange, type Exchange } from './exchange.ts';
import { systemResolver, vetName, type Resolver } from './lookup.guard.ts';
import { isPublicAddress } from './public-address.ts';
import { redirectRefused, redirected, redirectTarget } from './redirect.ts';
import { guardHeaders, guardMethod } from './request.guard.ts';
import { canonicalPair, guardTarget, type Target } from './target.guard.ts';

export interface HttpLimits {
  /** Bytes of request headers, and of response headers. */
  readonly headerBytes: number;
  /** Bytes of a request body. */
  readonly requestBytes: number;
  /** Bytes of a response body after decompression; what lies beyond is cut and `truncated` is set. */
  readonly bodyBytes: number;
  /** The same where the body is wanted as bytes (`max_bytes`), which may ask for less. */
  readonly fileBytes: number;
  /** Upper bound of every request's `timeout_ms`, redirects included, in milliseconds. */
  readonly timeoutMs: number;
  readonly redirects: number;
}

const HTTP_LIMITS: HttpLimits = {
  headerBytes: 16 * 1024,
  requestBytes: 1_000_000,
  bodyBytes: 1_000_000,
  fileBytes: 25_000_000,
  timeoutMs: 300_000,
  redirects: 3,
};

export interface HttpPortConfig {
  /** Exact `host:port` pairs from the operator's configuration that may be reached although they are not public. */
  readonly allow?: readonly string[];
  /** Ports of public hosts besides 80 and 443. */
  readonly ports?: readonly number[];
  readonly limits?: Partial<HttpLimits>;
  /** All addresses of a name; the system's look-up when absent. */
  readonly resolve?: Resolver;
}

/** The HTTP port, and the end of its kept-alive connections. */
export interface ClosableHttpPort extends HttpPort {
  close(): Promise<void>;
}

/**
 * The egress guard: the one door of tools and nodes to the outside. What it refuses, and why, is in the README.
 * Proxy variables of the environment have no influence. Nothing is retried.
 */
export function createHttpPort(config: HttpPortConfig = {}): ClosableHttpPort {
  const limits = { ...HTTP_LIMITS, ...config.limits };
  const rules = {
    allow: new Set((config.allow ?? []).map(canonicalPair)),
    ports: new Set([80, 443, ...(config.ports ?? [])]),
  };
  const resolve = config.resolve ?? systemResolver;
  const publicPeers = { vet: (host: string) => vetName(host, resolve), accepts: isPublicAddress };
  const trusted = openTrusted(limits, resolve);

  const hop = async (target: Target, request: Exchange, signal: AbortSignal, maxBytes: number | undefined): Promise<HttpResponse> => {
    const options = maxBytes === undefined ? { signal, bodyBytes: limits.bodyBytes } : { signal, bodyBytes: Math.min(maxBytes, limits.fileBytes), raw: true };
    if (target.trusted) return exchange(trusted, request, options);
    const once: Dispatcher = openPublic(target.url.origin, limits, publicPeers);
    try {
      return await exchange(once, request, options);
    } finally {
      void once.destroy();
    }
  };

  const follow = async (first: HttpRequest, signal: AbortSignal, progress: { sent: boolean }): Promise<HttpResponse> => {
    let target = guardTarget(first.url, rules);
    let request: Exchange = {
      url: target.url,
      method: guardMethod(first.method),
      headers: guardHeaders(first.headers, limits.headerBytes),
      body: guardBody(first.body, limits.requestBytes),
    };
    for (let hops = 0; ; hops++) {
      const answer = await hop(target, request, signal, first.max_bytes);
      progress.sent = true;
      const next = redirectTarget(answer, request.url);
      if (next === null) return answer;
      if (hops === limits.redirects) throw redirectRefused(`did so more than ${limits.redirects} times`);
      target = guardTarget(next, rules);
      request = redirected(request, answer, target.url);
    }
  };

  return {
    async send(request, { signal }) {
      const deadline = new AbortController();
      const onAbort = () => deadline.abort(signal.reason);
      const timeoutMs = Math.min(request.timeout_ms, limits.timeoutMs);
      const timer = setTimeout(() => deadline.abort(new DeadlinePassed()), timeoutMs);
      const progress = { sent: false };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        return await follow(request, deadline.signal, progress);
      } catch (error) {
        throw toHttpFailure(error, { sent: progress.sent, aborted: signal.aborted, timeoutMs });
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
    close: () => trusted.destroy(),
  };
}

class DeadlinePassed extends Error {}

function guardBody(body: string | undefined, limit: number): string | undefined {
  if (body === undefined || Buffer.byteLength(body) <= limit) return body;
  throw new Failure('invalid', 'bad-request-shape', `body: must be at most ${limit} bytes. Send less, or in parts.`, {
    cause: new SendError(false),
  });
}

/** What was thrown, as the port's contract names it; `sent` of an earlier hop counts. */
function toHttpFailure(error: unknown, now: { sent: boolean; aborted: boolean; timeoutMs: number }): Failure {
  const inner = error instanceof SendError ? error.cause : error;
  const sent = now.sent || (error instanceof SendError && error.sent);
  const cause = new SendError(sent, inner);
  if (inner instanceof Failure) return sent ? withSent(inner) : inner;
  if (now.aborted) return new Failure('transient', 'http-aborted', 'The request was given up before its answer came.', { cause });
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  if (inner instanceof DeadlinePassed || /^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code)) {
    return new Failure('transient', 'http-timeout', `No complete answer within ${now.timeoutMs} ms. Raise timeout_ms, or look at the server.`, { cause });
  }
  return new Failure('transient', 'http-unreachable', 'The host did not answer with complete, well-formed HTTP. Look at the server.', { cause });
}

const withSent = (failure: Failure): Failure =>
  new Failure(failure.kind, failure.code, failure.message, {
    cause: new SendError(true, failure.cause),
    ...(failure.errors && { errors: failure.errors }),
  });
