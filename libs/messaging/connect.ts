import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { watchConnection } from './connection-status.ts';
import { isSupportedServer, MINIMUM_SERVER } from './server-version.ts';

export type { NatsConnection, Subscription } from '@nats-io/transport-node';

export interface ConnectOptions {
  /** One address or several separated by commas, e.g. `nats://user:password@127.0.0.1:4222`. */
  readonly url: string;
  /** Shown by `nats server report connections`: the role of the process. */
  readonly name: string;
  /** Longest wait for the first connection. */
  readonly timeoutMs?: number;
}

/**
 * Connects, and from then on reconnects for ever. Throws Failure('transient', 'nats-unreachable') when no server
 * answers, and Failure('fault', 'nats-too-old') when one below 2.12 does.
 */
export async function connectMessaging(options: ConnectOptions): Promise<NatsConnection> {
  const addresses = options.url.split(',').map((address) => new URL(address.trim()));
  const user = addresses.find((address) => address.username);
  const nc = await connect({
    servers: addresses.map((address) => `${address.protocol}//${address.host}`),
    name: options.name,
    ...(user && { user: decodeURIComponent(user.username), pass: decodeURIComponent(user.password) }),
    timeout: options.timeoutMs ?? 5_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // A server that is gone without closing the socket is noticed after three of these.
    pingInterval: 5_000,
    // Stack traces of where a request was made cost more than the request.
    noAsyncTraces: true,
  }).catch((cause: unknown) => {
    const hosts = addresses.map((address) => address.host).join(', ');
    throw new Failure('transient', 'nats-unreachable', `No NATS server answered at ${hosts}. Start one, or set the NATS address to where it runs.`, { cause });
  });
  const found = nc.info?.version ?? 'unknown';
  if (isSupportedServer(found)) {
    watchConnection(nc);
    return nc;
  }
  await nc.close();
  throw new Failure(
    'fault',
    'nats-too-old',
    `The NATS server is version ${found}; needed is ${MINIMUM_SERVER} or newer. Upgrade it: older servers ignore stream settings silently.`,
  );
}

/** Sends what is buffered, lets subscriptions finish what they have, and closes. Safe to call twice. */
export async function closeMessaging(nc: NatsConnection): Promise<void> {
  if (nc.isClosed()) return;
  if (nc.isDraining()) {
    await nc.closed();
    return;
  }
  await nc.drain();
}
