import { Server } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { settle } from '../settlement.ts';
import { consumeTriggers, type TriggerOptions } from '../trigger-consumer.ts';
import type { WorkConsumer } from '../work-consumer.ts';
import type { WorkDelivery } from '../work-delivery.ts';
import { DeliveryContext } from './delivery.context.ts';
import { HANDLER_FAILED, handlerResult } from './handler-result.ts';
import { matchesSubject } from './subject-match.ts';

/** Second argument of `MessagePattern` for handlers of this transport, in an app that has others too. */
export const TRIGGERS = Symbol('triggers');

export interface TriggerServerOptions extends Omit<TriggerOptions, 'subjects' | 'handle'> {
  /** Stays open: the application closes it. */
  readonly connection: NatsConnection;
}

/**
 * JetStream as a Nest transport: `MessagePattern(<filter subject on evt.>>)` handlers get a WorkDelivery and return a
 * settlement. All handlers of a process share one durable; their filters must not overlap. A handler that throws,
 * rejects, or returns no settlement is never acknowledged: it is retried, then dead.
 */
export class TriggerServer extends Server {
  readonly #options: TriggerServerOptions;
  #consumer: WorkConsumer | undefined;

  constructor(options: TriggerServerOptions) {
    super();
    this.#options = options;
    this.setTransportId(TRIGGERS);
  }

  override addHandler(...handler: Parameters<Server['addHandler']>): void {
    const [pattern, , isEventHandler] = handler;
    if (isEventHandler)
      throw new TypeError(`Use MessagePattern for ${String(pattern)}: Nest drops what an EventPattern handler returns, and with it the settlement.`);
    super.addHandler(...handler);
  }

  override listen(callback: (error?: unknown) => void): void {
    const { connection, ...options } = this.#options;
    this.#consumer = consumeTriggers(connection, {
      ...options,
      subjects: [...this.messageHandlers.keys()],
      handle: async (delivery) => {
        try {
          // The consumer itself refuses what is not a settlement.
          return (await this.#dispatch(delivery)) as ReturnType<typeof settle.retry>;
        } catch (error) {
          // What was thrown is unknown, so it may be worth another try.
          if (error instanceof Failure && error.code === HANDLER_FAILED) return settle.retry(undefined, error);
          throw error;
        }
      },
    });
    callback();
  }

  async #dispatch(delivery: WorkDelivery): Promise<unknown> {
    const pattern = [...this.messageHandlers.keys()].find((filter) => matchesSubject(filter, delivery.subject));
    const handler = pattern === undefined ? undefined : this.messageHandlers.get(pattern);
    if (!handler)
      throw new Failure('fault', 'no-handler', `No handler takes ${delivery.subject}; the durable ${this.#options.name} has filters of another version.`);
    return handlerResult(this.transformToObservable(await handler(delivery, new DeliveryContext([delivery]))));
  }

  override async close(): Promise<void> {
    await this.#consumer?.close();
  }

  override on(): never {
    throw new TypeError('This transport has no events; watch the connection instead.');
  }

  override unwrap<T>(): T {
    return this.#options.connection as T;
  }
}
