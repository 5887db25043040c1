import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { FillSecrets } from './node.ts';
import { buildUrl, type LateUrl } from './tool.url.ts';

interface HttpLike {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly late_url?: LateUrl;
}

/**
 * Puts secrets into the address, the headers and the body of a request, each in the spelling of its place, so that no value
 * can become another part of the request. An address whose host is a secret is checked like any other once it is known,
 * here and by the egress guard; what is told of it is its reference.
 */
export function fillHttp<R extends HttpLike>(request: R, fill: FillSecrets): R {
  const { late_url, ...others } = request;
  const { headers, body } = others;
  return {
    // The caller's own type, but for what has become of the address.
    ...(others as R),
    url: late_url ? fillLate(late_url, fill) : fillUrl(request.url, fill),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    ...(body !== undefined && { body: fill(body, bodyEncoding(headers['content-type'] ?? '')) }),
  };
}

function fillUrl(url: string, fill: FillSecrets): string {
  // None that a port accepts; the port says so.
  if (!URL.canParse(url)) return '';
  const { origin } = new URL(url);
  const [path = '', ...query] = url.slice(origin.length).split('?');
  // Webhook addresses have secrets of several segments.
  const filled = fill(path, (value) => encodeURIComponent(value).replaceAll('%2F', '/'));
  return `${origin}${filled}${query.length === 0 ? '' : `?${fill(query.join('?'), encodeURIComponent)}`}`;
}

const SCHEME_AND_HOST = /^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/?#]*/;

const HOST = /^\s*[A-Za-z][A-Za-z0-9+.-]*:\/\/[\p{L}\p{N}.-]+(?::\d{1,5})?$/u;

/** The address, now that its secret is known; empty when that makes none, which no port accepts. */
function fillLate({ url, base_url, path, query }: LateUrl, fill: FillSecrets): string {
  const address = (text: string): string => {
    const [head = ''] = SCHEME_AND_HOST.exec(text) ?? [];
    const filled = fill(head);
    // Beside a scheme that is written out, a value is a host or part of one, and can't bring a path with it.
    if (/^\s*[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(head) && !HOST.test(filled)) return '';
    return filled + fill(text.slice(head.length), encodeURIComponent);
  };
  const values = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, fillValue(value, fill)]));
  const parts = { ...(url && { url: address(url) }), ...(base_url && { base_url: address(base_url) }), ...(path && { path: fill(path, encodeURIComponent) }) };
  const built = buildUrl({ ...parts, query: values });
  return 'failed' in built ? '' : built.url;
}

function fillValue(value: JsonValue, fill: FillSecrets): JsonValue {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((one) => fillValue(one, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillValue(one, fill)])) as JsonObject;
}

function bodyEncoding(type: string): (value: string) => string {
  if (/\bjson\b/i.test(type)) return (value) => JSON.stringify(value).slice(1, -1);
  return /x-www-form-urlencoded/i.test(type) ? encodeURIComponent : (value) => value;
}
