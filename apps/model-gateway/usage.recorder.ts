import { type KeyObject, randomUUIDv7 } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { enqueueCommand } from '@agent-platform/messaging/request-command';
import { closeMessaging, connectMessaging, type NatsConnection } from '@agent-platform/messaging/connect';
import type { Logger } from '@agent-platform/service/log';
import type { CallLabel } from './call.label.ts';

/** A call as `model_call.record` takes it, without its id. */
export interface RecordedCall extends Omit<CallLabel, 'workspace_id'> {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: string | null;
  readonly [field: string]: unknown;
}

export interface UsageRecorder {
  /** Never throws and never waits: calls are queued here until NATS has stored them. */
  record(workspaceId: string, call: Promise<RecordedCall>): void;
  /** Waits until everything is stored, but not for ever. */
  close(): Promise<void>;
}

/** Calls that wait for NATS, about 1 KB each; what comes while there are so many is written to the log instead. */
const MOST_WAITING = 50_000;
const AGAIN_MS = 500;
const LAST_MS = 5_000;

/**
 * Puts calls into the platform's queue of commands, which turns each into an event. What it promises: a call is queued right
 * after its answer has ended, never before or in between, so that it delays nothing. While NATS is away calls wait in memory
 * and are sent when it is back. When this process is killed, calls of the last milliseconds, or of the
 * outage, are not recorded; whatever NATS has stored is recorded exactly once.
 */
export function createUsageRecorder(natsUrl: string, key: KeyObject, logger: Logger): UsageRecorder {
  const closing = new AbortController();
  const connecting = connect(natsUrl, logger, closing.signal);
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const send = async (workspaceId: string, call: RecordedCall): Promise<void> => {
    const nats = await connecting;
    const id = randomUUIDv7();
    const data = { model_call_id: id, ...call };
    for (;;) {
      const failed = nats
        ? await enqueueCommand(nats, workspaceId, 'model_call.record', data, { commandId: id, cause: causeOf(id), key }).catch((error: unknown) => error)
        : true;
      if (failed === undefined) return;
      if (closing.signal.aborted) {
        logger.error({ call: data }, 'model call not recorded: NATS is away');
        return;
      }
      await wait(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };

  return {
    record(workspaceId, call) {
      if (waiting >= MOST_WAITING) return void call.then((lost) => logger.error({ call: lost }, 'model call not recorded: too many wait for NATS'));
      waiting++;
      const sent = call
        .then((data) => send(workspaceId, data))
        .catch((error: unknown) => logger.error({ err: error }, 'model call not recorded'))
        .finally(() => waiting--);
      last = Promise.all([last, sent]).then(() => undefined);
    },
    async close() {
      const patience = setTimeout(() => closing.abort(), LAST_MS);
      await last;
      clearTimeout(patience);
      closing.abort();
      const nats = await connecting;
      if (nats) await closeMessaging(nats);
    },
  };
}

const causeOf = (id: string) => ({ actor: 'model-gateway', correlation_id: id });

/** Tries until it has a connection; null when it was closed before. */
async function connect(url: string, logger: Logger, signal: AbortSignal): Promise<NatsConnection | null> {
  for (let told = false; !signal.aborted; told = true) {
    try {
      return await connectMessaging({ url, name: 'model-gateway' });
    } catch (error) {
      if (!told) logger.warn({ err: error }, 'usage waits for NATS');
      await wait(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}
