import { connect, type Socket } from 'node:net';
import { egressDenied } from './egress.failure.ts';
import type { HttpPortConfig } from './http.adapter.ts';
import { guardedLookup, systemResolver, vetName } from './lookup.guard.ts';
import { isPublicAddress } from './public-address.ts';
import { canonicalPair, guardTarget } from './target.guard.ts';

/** Opens a connection to a host, or rejects: with Failure `egress-denied`, an error of the socket, or the reason of the signal. */
type Connect = (host: string, port: number, options: { readonly signal: AbortSignal }) => Promise<Socket>;

/**
 * Connections through the egress guard, for protocols other than HTTP: to public hosts on `ports`, and to the exact pairs
 * of the operator. The address that was checked is the one connected to.
 */
export function createGuardedConnect({ allow = [], resolve = systemResolver, ports }: HttpPortConfig & { readonly ports: readonly number[] }): Connect {
  const rules = { allow: new Set(allow.map(canonicalPair)), ports: new Set(ports) };
  return async (host, port, { signal }) => {
    // A host is checked as the host of an address, so that there is one place that knows what a host may look like.
    if (/[\s/\\?#@]/.test(host)) throw egressDenied();
    const { url, trusted } = guardTarget(`http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${port}/`, rules);
    const vet = trusted ? resolve : (name: string) => vetName(name, resolve);
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, lookup: guardedLookup(vet), autoSelectFamily: true, signal });
    await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
    if (trusted || isPublicAddress(socket.remoteAddress ?? '')) return socket;
    socket.destroy();
    throw egressDenied();
  };
}
