import { Failure } from '@agent-platform/kernel/index';
import { SendError } from './egress.failure.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Headers that belong to the connection (RFC 9110, 7.6.1) or would let a caller choose another virtual host. */
const OWNED = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const refuse = (field: string, rule: string, remedy: string): Failure =>
  new Failure('invalid', 'bad-request-shape', `${field}: ${rule}. ${remedy}`, {
    cause: new SendError(false),
    errors: [{ field, rule, remedy }],
  });

/** Method in upper case. Throws Failure invalid `bad-request-shape` for CONNECT, TRACE and unknown ones. */
export function guardMethod(method: string): string {
  const upper = method.toUpperCase();
  if (METHODS.has(upper)) return upper;
  throw refuse('method', `must be one of ${[...METHODS].join(', ')}`, 'Choose one of them.');
}

/** Headers with lower-case names, bounded by `limit` bytes, plus what this port answers for: accept-encoding, user-agent. */
export function guardHeaders(given: Readonly<Record<string, string>>, limit: number): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'agent-platform' };
  let size = 0;
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (!NAME.test(name)) throw refuse('headers', 'a name must be an HTTP token', 'Use letters, digits and "-".');
    if (OWNED.has(lower)) throw refuse(`headers.${lower}`, 'is set by the platform', 'Leave it out.');
    if (!VALUE.test(value)) {
      throw refuse(`headers.${lower}`, 'must have no line break or control character, and only Latin-1 letters', 'Encode the value.');
    }
    size += name.length + value.length;
    Object.defineProperty(headers, lower, { value, enumerable: true, configurable: true, writable: true });
  }
  if (size > limit) throw refuse('headers', `must be at most ${limit} bytes together`, 'Send large values in the body.');
  headers['accept-encoding'] = 'gzip, deflate, br';
  return headers;
}
