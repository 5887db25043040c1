import type { FillSecrets } from './node.ts';

interface HttpLike {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
}

/**
 * Puts secrets into the path and query, the headers and the body of a request, each in the spelling of its place, so that
 * no value can become another part of the request. The host stays as it is: who is sent a secret must be readable.
 */
export function fillHttp<R extends HttpLike>(request: R, fill: FillSecrets): R {
  const { headers, body } = request;
  return {
    ...request,
    url: fillUrl(request.url, fill),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    ...(body !== undefined && { body: fill(body, bodyEncoding(headers['content-type'] ?? '')) }),
  };
}

function fillUrl(url: string, fill: FillSecrets): string {
  const { origin } = new URL(url);
  const [path = '', ...query] = url.slice(origin.length).split('?');
  // Webhook addresses have secrets of several segments.
  const filled = fill(path, (value) => encodeURIComponent(value).replaceAll('%2F', '/'));
  return `${origin}${filled}${query.length === 0 ? '' : `?${fill(query.join('?'), encodeURIComponent)}`}`;
}

function bodyEncoding(type: string): (value: string) => string {
  if (/\bjson\b/i.test(type)) return (value) => JSON.stringify(value).slice(1, -1);
  return /x-www-form-urlencoded/i.test(type) ? encodeURIComponent : (value) => value;
}
