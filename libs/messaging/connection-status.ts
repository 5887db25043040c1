import type { NatsConnection, Status } from '@nats-io/transport-node';

type Listener = (type: Status['type']) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  connected: boolean;
}

// One reader of the client's status iterator per connection: an iterator of its own for every consumer could not be
// ended while it waits, and would stay with the connection for ever.
const connections = new WeakMap<NatsConnection, Watched>();

/** Begins to follow what happens to a connection. `connectMessaging` does it as soon as there is one. */
export function watchConnection(nc: NatsConnection): Watched {
  const known = connections.get(nc);
  if (known) return known;
  const watched: Watched = { listeners: new Set(), connected: true };
  connections.set(nc, watched);
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') watched.connected = false;
      if (type === 'reconnect') watched.connected = true;
      // A listener may take itself off the set while it is called; a Set allows that.
      for (const listener of watched.listeners) listener(type);
    }
  })();
  return watched;
}

/** Tells what happens to the connection ("disconnect", "reconnect", "close" ...) until the returned function is called. */
export function onConnectionStatus(nc: NatsConnection, listener: Listener): () => void {
  const { listeners } = watchConnection(nc);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Resolves when there is a connection; rejects when it is closed for good. */
export function whenConnected(nc: NatsConnection): Promise<void> {
  if (nc.isClosed()) return Promise.reject(new Error('The connection to NATS is closed.'));
  if (watchConnection(nc).connected) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const unlisten = onConnectionStatus(nc, (type) => {
      if (type !== 'reconnect' && type !== 'close') return;
      unlisten();
      if (type === 'reconnect') resolve();
      else reject(new Error('The connection to NATS is closed.'));
    });
  });
}

/**
 * The answer, or an error as soon as the connection is gone: the client lets a request wait for its timeout, and drops
 * what was published while there was no connection.
 */
export function orDisconnect<T>(nc: NatsConnection, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = onConnectionStatus(nc, (type) => {
      if (type === 'disconnect' || type === 'close') reject(new Error('The connection to NATS was lost while waiting for an answer.'));
    });
    answer.then(resolve, reject).finally(unlisten);
    if (!watchConnection(nc).connected) reject(new Error('There is no connection to NATS at the moment.'));
  });
}
