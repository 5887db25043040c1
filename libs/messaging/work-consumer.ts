import { setTimeout as wait } from 'node:timers/promises';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Failure, toFailure } from '@agent-platform/kernel/failure';
import { orDisconnect, whenConnected } from './connection-status.ts';
import { buryMessage } from './dead-letter.ts';
import { acknowledge, parseDeliveryInfo, positionOf } from './delivery.ts';
import { openPull, type Pull } from './pull.ts';
import { backoffMs, isSettlement, type Settlement, settlementOf } from './settlement.ts';
import { type WorkDelivery, workDelivery } from './work-delivery.ts';

/**
 * Messages of one durable consumer that many processes share, each settled on its own. A message is this process's for
 * the ack wait, extended while the handler works; when the process dies, somebody else gets it. What a handler throws,
 * and an answer that is not a settlement, are never acknowledged. After too many deliveries, or when the settlement
 * says so, a message is stored as a dead letter first and given up after.
 */
export interface WorkConsumer {
  /** Messages being handled in this process. */
  readonly inFlight: number;
  /** Takes no more, aborts the signals, and resolves when the handlers have returned. */
  close(): Promise<void>;
}

export type WorkHandler = (delivery: WorkDelivery) => Promise<Settlement> | Settlement;

export interface WorkOptions {
  readonly handle: WorkHandler;
  /** Messages handled at a time in this process. */
  readonly maxInFlight?: number;
  /** Longest silence of a process before its messages go to others. */
  readonly ackWaitMs?: number;
  /** Deliveries before a message is dead. With the usual back-off, twelve are about four minutes. */
  readonly maxDeliveries?: number;
  /** Told about each message that was not acknowledged, and about restarts of the consumer. For the log. */
  readonly onTrouble?: (trouble: { readonly consumer: string; readonly subject?: string; readonly settlement: string; readonly reason: string }) => void;
}

export const WORK_DEFAULTS = { maxInFlight: 100, ackWaitMs: 30_000, maxDeliveries: 12 } as const;

export interface WorkSource {
  /** Name of the logical consumer: in dead letters and reports. */
  readonly name: string;
  readonly stream: string;
  readonly durable: string;
  /** Makes sure the durable exists; called at start and after every loss. */
  ensure(): Promise<void>;
  /** Subject a message was published on first. */
  original(subject: string): string;
}

const RETRY_MS = 500;

export function runWorkConsumer(nc: NatsConnection, source: WorkSource, options: WorkOptions): WorkConsumer {
  const { maxInFlight, ackWaitMs, maxDeliveries } = { ...WORK_DEFAULTS, ...options };
  const stop = new AbortController();
  const running = new Map<Msg, Promise<void>>();
  let pull: Pull | null = null;

  const trouble = (settlement: string, reason: string, subject?: string) =>
    options.onTrouble?.({ consumer: source.name, settlement, reason, ...(subject !== undefined && { subject }) });

  const bury = async (message: Msg, subject: string, deliveries: number, failure: Failure) => {
    try {
      await buryMessage(nc, message, { consumer: source.name, subject, deliveries, failure });
      acknowledge.terminate(message, failure.code);
    } catch (error) {
      trouble('retry', `dead letter not stored: ${toFailure(error).message}`, subject);
      acknowledge.retry(message, backoffMs(deliveries));
    }
  };

  const apply = async (message: Msg, subject: string, deliveries: number, settlement: Settlement) => {
    switch (settlement.settle) {
      case 'ack':
        return acknowledge.ack(message);
      case 'working':
        return acknowledge.working(message);
      case 'term':
        trouble('term', settlement.failure.message, subject);
        return acknowledge.terminate(message, settlement.failure.code);
      case 'dead':
        trouble('dead', settlement.failure.message, subject);
        return bury(message, subject, deliveries, settlement.failure);
      case 'retry': {
        const failure = settlement.failure ?? new Failure('transient', 'retries-exhausted', 'The handler asked for a retry every time and gave no reason.');
        if (deliveries < maxDeliveries) {
          trouble('retry', failure.message, subject);
          return acknowledge.retry(message, settlement.afterMs ?? backoffMs(deliveries));
        }
        trouble('dead', failure.message, subject);
        return bury(message, subject, deliveries, failure);
      }
    }
  };

  const handle = async (message: Msg, subject: string, deliveries: number) => {
    if (deliveries > maxDeliveries) {
      // Nobody lived to settle it: it may be what kills the process.
      const failure = new Failure(
        'fault',
        'never-settled',
        `Delivered ${deliveries - 1} times and never settled; the processes that had it may have died of it.`,
      );
      return apply(message, subject, deliveries, { settle: 'dead', failure });
    }
    try {
      const answer: unknown = await options.handle(workDelivery(message, { subject, position: positionOf(message), deliveries, signal: stop.signal }));
      const settlement = isSettlement(answer) ? answer : notASettlement(source.name, maxDeliveries, deliveries);
      await apply(message, subject, deliveries, settlement);
    } catch (error) {
      await apply(message, subject, deliveries, settlementOf(error));
    }
  };
  const extend = setInterval(() => {
    for (const message of running.keys()) acknowledge.working(message);
  }, ackWaitMs / 3);

  let refilling = false;
  /** Asks for as many as there is room for, once per turn of the event loop however many handlers returned in it. */
  const refill = () => {
    if (refilling) return;
    refilling = true;
    setImmediate(() => {
      refilling = false;
      pull?.request(maxInFlight - running.size - pull.outstanding);
    });
  };

  const open = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await whenConnected(nc);
        await orDisconnect(nc, source.ensure());
        break;
      } catch (error) {
        if (nc.isClosed()) return;
        trouble('restart', toFailure(error).message);
        await wait(RETRY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
    if (stop.signal.aborted) return;
    const opened = Date.now();
    pull = openPull(nc, source.stream, source.durable, {
      message(message) {
        const deliveries = parseDeliveryInfo(message.reply ?? '')?.deliveries ?? 1;
        const done = handle(message, source.original(message.subject), deliveries)
          // Nothing is settled, so it comes again after the ack wait.
          .catch((error: unknown) => trouble('unsettled', String(error), message.subject))
          .finally(() => {
            running.delete(message);
            refill();
          });
        running.set(message, done);
      },
      lost(reason) {
        pull = null;
        if (!stop.signal.aborted) {
          trouble('restart', reason);
          // Whatever ends it at once would end it again at once.
          void (Date.now() - opened < RETRY_MS ? wait(RETRY_MS).then(open) : open());
        }
      },
    });
    refill();
  };
  const started = open();

  return {
    get inFlight() {
      return running.size;
    },
    async close() {
      stop.abort();
      await started;
      pull?.close();
      pull = null;
      await Promise.all(running.values());
      clearInterval(extend);
    },
  };
}

/** A handler that answers nothing has a bug: its work may or may not be done, so it is tried again and then kept. */
const notASettlement = (name: string, maxDeliveries: number, deliveries: number): Settlement => {
  const failure = new Failure('fault', 'no-settlement', `The handler of ${name} returned no settlement; return ack, retry, dead or term.`);
  return deliveries < maxDeliveries ? { settle: 'retry', failure } : { settle: 'dead', failure };
};
