import { isIP } from 'node:net';
import { badUrl, egressDenied } from './egress.failure.ts';
import { isPublicAddress } from './public-address.ts';

/** Where the operator lets requests go besides public hosts on ports 80 and 443. */
export interface EgressRules {
  /** Exact `host:port` pairs in canonical form (see `canonicalPair`), reachable whatever they resolve to. */
  readonly allow: ReadonlySet<string>;
  /** Ports of public hosts. */
  readonly ports: ReadonlySet<number>;
}

/** An address that passed every check that needs no name look-up. */
export interface Target {
  readonly url: URL;
  /** Named by the operator: look-up results are not checked, connections may be kept alive. */
  readonly trusted: boolean;
}

/** Names that mean "inside" wherever they resolve to, and names that must never resolve in public (RFC 6761, 6762, 8375). */
const INSIDE = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|test|invalid|onion|arpa|svc|consul)\.?$/;

/**
 * Checks the text of a URL: scheme, user info, port, spelling of the host. A literal address is classified here;
 * a name is looked up at connect time (see lookup.guard.ts). Throws Failure `bad-url` or `egress-denied`.
 */
export function guardTarget(text: string, rules: EgressRules): Target {
  const url = URL.parse(text);
  if (!url || text.length > 8192) throw badUrl();
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw egressDenied();
  if (url.username !== '' || url.password !== '' || url.hostname === '') throw egressDenied();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 4 && writtenHost(text) !== host) throw egressDenied();
  const port = portOf(url);
  if (rules.allow.has(`${url.hostname}:${port}`)) return { url, trusted: true };
  if (!rules.ports.has(port)) throw egressDenied();
  if (isIP(host) !== 0 ? !isPublicAddress(host) : !host.includes('.') || INSIDE.test(host)) throw egressDenied();
  return { url, trusted: false };
}

const portOf = (url: URL): number => (url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port));

/**
 * The host as the caller spelled it. An IPv4 address must be written in plain dotted decimals: parsers disagree on
 * leading zeros (octal or decimal), short and hexadecimal forms, so nobody can tell what such an address means.
 */
function writtenHost(text: string): string {
  const authority = /^[^:]*:[/\\]*([^/\\?#]*)/.exec(text)?.[1] ?? '';
  return authority.replace(/:\d*$/, '');
}

/** Canonical form of an operator's `host:port`; throws a plain Error at start, because configuration is wrong. */
export function canonicalPair(entry: string): string {
  const url = /^(?:\[[0-9a-fA-F:.]+\]|[^\s/:@?#\\*]+):\d{1,5}$/.test(entry) ? URL.parse(`http://${entry}`) : null;
  if (!url) throw new Error(`egress allow list: "${entry}" must be an exact host:port pair, e.g. 127.0.0.1:9000`);
  return `${url.hostname}:${portOf(url)}`;
}
