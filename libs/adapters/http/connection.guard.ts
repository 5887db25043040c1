import { Agent, Client, buildConnector } from 'undici';
import { egressDenied } from './egress.failure.ts';
import { guardedLookup, type Resolver } from './lookup.guard.ts';

/** Which peers a connection may have: the vetted addresses of a name, and a last look at the one it got. */
export interface PeerRules {
  readonly vet: Resolver;
  readonly accepts: (address: string) => boolean;
}

export interface ConnectionLimits {
  readonly headerBytes: number;
  readonly timeoutMs: number;
}

const clientOptions = (limits: ConnectionLimits) => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.timeoutMs,
  bodyTimeout: limits.timeoutMs,
  allowH2: false,
});

/**
 * One connection to a public host, used once: nothing is kept alive, so no connection is ever shared between
 * workspaces or reused after its name was pointed elsewhere.
 */
export function openPublic(origin: string, limits: ConnectionLimits, peers: PeerRules): Client {
  const connect = buildConnector({
    timeout: limits.timeoutMs,
    allowH2: false,
    lookup: guardedLookup(peers.vet),
    autoSelectFamily: true,
  });
  return new Client(origin, {
    ...clientOptions(limits),
    pipelining: 0,
    connect: (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error) return callback(error, null);
        if (peers.accepts(socket.remoteAddress ?? '')) return callback(null, socket);
        // Last line: whatever happened on the way here, the peer itself must be acceptable.
        socket.destroy();
        callback(egressDenied(), null);
      }),
  });
}

/** Connections to the hosts the operator named: kept alive per origin, because these are the busy ones. */
export const openTrusted = (limits: ConnectionLimits, resolve: Resolver): Agent =>
  new Agent({
    ...clientOptions(limits),
    connect: { timeout: limits.timeoutMs, lookup: guardedLookup(resolve), autoSelectFamily: true },
  });
