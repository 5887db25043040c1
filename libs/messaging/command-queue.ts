import type { KeyObject } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { Failure, FAILURES, toFailure } from '@agent-platform/kernel/failure';
import type { CommandReply } from '@agent-platform/contracts/kit/reply';
import { readCommand } from './command-message.ts';
import type { CommandHandler } from './command-service.ts';
import { ensureDurable } from './durable.ts';
import { redriven, together } from './redriven.ts';
import { settle, type Settlement, settlementOf } from './settlement.ts';
import { STREAMS } from './stream-config.ts';
import { runWorkConsumer, WORK_DEFAULTS, type WorkConsumer, type WorkHandler, type WorkOptions } from './work-consumer.ts';

/** A work queue allows one consumer for a subject, so this name is the same in every process. */
const NAME = 'commands';

/** Commands from `cmdq.>`, each to one process. See work-consumer.ts for what is promised. */
export function consumeCommandQueue(nc: NatsConnection, options: WorkOptions): WorkConsumer {
  const ackWaitMs = options.ackWaitMs ?? WORK_DEFAULTS.ackWaitMs;
  const source = { stream: STREAMS.commands, durable: NAME };
  const queued = runWorkConsumer(
    nc,
    {
      ...source,
      name: NAME,
      ensure: () => ensureDurable(nc, { ...source, filters: ['cmdq.>'], ackWaitMs, metadata: { reader: NAME } }),
      original: (subject) => subject,
    },
    options,
  );
  return together([queued, redriven(nc, { ...options, name: NAME })]);
}

/**
 * Settles queued commands by the reply of the same handler that answers requests. Nobody waits for the reply, so a
 * refusal becomes a dead letter where it would otherwise be told to the caller: it must not vanish.
 */
export const queuedCommands =
  (handle: CommandHandler, key?: KeyObject): WorkHandler =>
  async ({ subject, data, header }) => {
    try {
      return settlementOfReply(await handle(readCommand(subject, data, header, key)));
    } catch (error) {
      const failure = toFailure(error);
      return FAILURES[failure.kind].retryable ? settlementOf(failure) : settle.dead(failure);
    }
  };

function settlementOfReply(reply: CommandReply): Settlement {
  if (reply.ok) return settle.ack;
  const { retryable, retry_after_seconds, code, detail, status } = reply.problem;
  const failure = new Failure(retryable ? 'transient' : 'invalid', code, detail, { status });
  if (retryable) return settle.retry(retry_after_seconds === undefined ? undefined : retry_after_seconds * 1000, failure);
  return settle.dead(failure);
}
