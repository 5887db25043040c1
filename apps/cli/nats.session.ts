import type { NatsConnection } from '@agent-platform/messaging/connect';
import type { Context } from './context.ts';

/** Does something with a connection to NATS, which is closed afterwards whatever happens. Throws Failure('transient', 'nats-unreachable'). */
export async function withNats<T>({ natsUrl }: Pick<Context, 'natsUrl'>, work: (nats: NatsConnection) => Promise<T>): Promise<T> {
  // Loaded when it is needed: most commands speak HTTP only, and start in half the time without.
  const { closeMessaging, connectMessaging } = await import('@agent-platform/messaging/connect');
  const nats = await connectMessaging({ url: natsUrl, name: 'ap', timeoutMs: 3_000 });
  try {
    return await work(nats);
  } finally {
    await closeMessaging(nats);
  }
}

/** Messages of a subject until `enough` says so or the signal is aborted. Resolves when it listens no more. */
export async function listen(
  nats: NatsConnection,
  subject: string,
  signal: AbortSignal,
  onMessage: (subject: string, text: string) => boolean,
  onListening?: () => Promise<void>,
): Promise<void> {
  const subscription = nats.subscribe(subject);
  const stop = () => subscription.unsubscribe();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // The server knows of the subscription before anything is asked for that it should bring.
    await nats.flush();
    await onListening?.();
    if (signal.aborted) return;
    for await (const message of subscription) if (onMessage(message.subject, message.string())) break;
  } finally {
    signal.removeEventListener('abort', stop);
    subscription.unsubscribe();
  }
}
