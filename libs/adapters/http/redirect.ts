import { Failure } from '@agent-platform/kernel/index';
import type { HttpResponse } from '@agent-platform/ports/http.port';
import { badUrl, SendError } from './egress.failure.ts';
import type { Exchange } from './exchange.ts';

/** Headers that may follow a redirect to another origin. Any other may carry a credential: a key can have any name. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);

/** Where an answer sends us, or null when it is final. Throws Failure `bad-url`. */
export function redirectTarget(answer: HttpResponse, from: URL): string | null {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return null;
  const location = answer.headers['location'];
  if (location === undefined) return null;
  // The first hop was sent: the caller must know that it may have had its effect.
  const target = URL.parse(location, from.href);
  if (!target) throw badUrl(true);
  // An absolute location is handed on as written, so that the guard sees the server's own spelling of the host.
  return /^\s*[a-z][a-z0-9+.-]*:/i.test(location) || /^\s*[/\\]{2}/.test(location) ? absolute(location, from) : target.href;
}

const absolute = (location: string, from: URL): string => (/^\s*[/\\]/.test(location) ? from.protocol + location.trim() : location);

/** The request for the next hop (fetch standard, HTTP-redirect fetch), with credentials left behind at another origin. */
export function redirected(request: Exchange, answer: HttpResponse, url: URL): Exchange {
  const asGet = answer.status === 303 ? request.method !== 'HEAD' : answer.status <= 302 && request.method === 'POST';
  const crossing = url.origin !== request.url.origin;
  const body = asGet ? undefined : request.body;
  if (crossing && body !== undefined) {
    throw redirectRefused('another origin asked for the request body, which may hold credentials');
  }
  const kept = Object.entries(request.headers).filter(([name]) => (!crossing || HARMLESS.has(name)) && !(asGet && name.startsWith('content-')));
  return { url, method: asGet ? 'GET' : request.method, headers: Object.fromEntries(kept), body };
}

export const redirectRefused = (reason: string): Failure =>
  new Failure('invalid', 'redirect-refused', `url: the server redirects and ${reason}. Call the final address directly.`, {
    cause: new SendError(true),
  });
