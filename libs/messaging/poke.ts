import type { NatsConnection } from '@nats-io/transport-node';

/** A hint over core NATS that may be lost: whoever waits for one also polls slowly. Never throws. */
export function poke(nc: NatsConnection, subject: string): void {
  if (!nc.isClosed() && !nc.isDraining()) nc.publish(subject);
}

/** Calls back on every poke until the returned function is called. */
export function onPoke(nc: NatsConnection, subject: string, listener: () => void): () => void {
  const subscription = nc.subscribe(subject, { callback: (error) => void (error ?? listener()) });
  return () => void (nc.isClosed() || subscription.unsubscribe());
}
