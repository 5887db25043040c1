import { createInbox, type Msg, type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node';
import { onConnectionStatus } from './connection-status.ts';

/**
 * Messages of a JetStream pull consumer, exactly as many as were asked for: the client library's `consume` refills as
 * messages arrive, whether or not they are worked on, so that one slow process would hoard work of others.
 *
 * After `lost` (consumer deleted, stream deleted, connection gone, heartbeats missing) nothing arrives any more: open
 * a new pull. Messages that were on their way come again after the consumer's ack wait.
 */
export interface Pull {
  /** Asks for up to `count` more messages. Unfulfilled requests are renewed by themselves. */
  request(count: number): void;
  /** Asked for and not arrived. */
  readonly outstanding: number;
  close(): void;
}

export interface PullHandlers {
  message(message: Msg): void;
  /** At most once. */
  lost(reason: string): void;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;

/** Status codes of JetStream, carried in the first line of the headers. */
const STATUS = { heartbeat: 100, badRequest: 400, noMessages: 404, requestEnded: 408, conflict: 409, noResponders: 503 } as const;

export function openPull(nc: NatsConnection, stream: string, consumer: string, handlers: PullHandlers): Pull {
  const inbox = createInbox();
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  let requested = 0;
  let heard = Date.now();
  let open = true;

  const end = (reason?: string) => {
    if (!open) return;
    open = false;
    clearInterval(monitor);
    unlisten();
    if (!nc.isClosed()) subscription.unsubscribe();
    if (reason !== undefined) handlers.lost(reason);
  };
  const ask = (batch: number) => {
    try {
      nc.publish(next, JSON.stringify({ batch, expires: nanos(EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) }), { reply: inbox });
    } catch (error) {
      end(`not connected: ${String(error)}`);
    }
  };
  const status = (code: number, message: Msg) => {
    if (code === STATUS.heartbeat) return;
    if (
      code === STATUS.requestEnded ||
      code === STATUS.noMessages ||
      (code === STATUS.conflict && /leadership change|batch completed/i.test(message.headers?.description ?? ''))
    ) {
      // The request ended early: ask again for what it did not bring.
      const left = Number(message.headers?.get('Nats-Pending-Messages') || 0);
      if (left > 0) ask(left);
      return;
    }
    end(`${code} ${message.headers?.description ?? ''}`);
  };
  const subscription: Subscription = nc.subscribe(inbox, {
    callback: (error, message) => {
      if (error) return end(error.message);
      heard = Date.now();
      // Only status messages come without a reply subject; asking for headers of the others here would parse them.
      if (message.reply) {
        requested--;
        handlers.message(message);
      } else {
        status(message.headers?.code ?? 0, message);
      }
    },
  });
  const monitor = setInterval(() => {
    if (requested > 0 && Date.now() - heard > HEARTBEAT_MS * 2.5) end('heartbeats missing');
  }, HEARTBEAT_MS);
  monitor.unref();
  const unlisten = onConnectionStatus(nc, (type) => {
    // The server forgets the requests of a connection that ends.
    if (type === 'reconnect' || type === 'close') end(type === 'close' ? 'connection closed' : 'reconnected');
  });

  return {
    request(count) {
      if (!open || count <= 0) return;
      if (requested === 0) heard = Date.now();
      requested += count;
      ask(count);
    },
    get outstanding() {
      return requested;
    },
    close: () => end(),
  };
}
