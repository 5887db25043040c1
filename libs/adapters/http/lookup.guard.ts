import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { egressDenied } from './egress.failure.ts';
import { isPublicAddress } from './public-address.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. Injected in tests; the system's look-up otherwise. */
export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>;

export const systemResolver: Resolver = (host) => systemLookup(host, { all: true });

/** Addresses tried per connection; a name with hundreds must not buy hundreds of connects. */
const MAX_TRIED = 8;

/**
 * Addresses of a public name, every one of them checked: one inside address among public ones refuses the name, or
 * the order of answers would decide. A name that does not exist gets the same answer as one that points inside;
 * otherwise the difference would tell which inside names exist. Throws Failure `egress-denied`, or what the resolver threw.
 */
export async function vetName(host: string, resolve: Resolver): Promise<readonly ResolvedAddress[]> {
  const found = await resolve(host).catch((error: unknown) => {
    if (isNotFound(error)) throw egressDenied();
    throw error;
  });
  if (found.length === 0 || !found.every(({ address }) => isPublicAddress(address))) throw egressDenied();
  return found.slice(0, MAX_TRIED);
}

const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');

/**
 * `lookup` for net.connect: the socket gets exactly the addresses that were vetted, with no second look-up in
 * between (DNS rebinding), while TLS and the Host header keep the real name.
 */
export const guardedLookup =
  (vet: (host: string) => Promise<readonly ResolvedAddress[]>): LookupFunction =>
  (host, options, callback) => {
    vet(host).then(
      (found) => {
        const first = found[0];
        if (options.all) callback(null, [...found]);
        else if (first) callback(null, first.address, first.family);
        else callback(egressDenied(), '', 0);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
