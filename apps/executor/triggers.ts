import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { TriggerServer, TRIGGERS } from '@agent-platform/messaging/nest/trigger.server';
import { settle, type Settlement } from '@agent-platform/messaging/settlement';
import type { WorkDelivery } from '@agent-platform/messaging/work-delivery';
import type { Execution } from '@agent-platform/runtime/execute';
import type { Base } from '@agent-platform/service/base';
import { startMicroservice } from '@agent-platform/service/nest-handlers';

export interface TriggerSource {
  /** Area that the triggers are for. */
  readonly area: string;
  /** Name of the durable consumer, and of the cursor where a wiped JetStream begins again. */
  readonly name: string;
  /** Filter subjects. */
  readonly subjects: readonly string[];
  readonly maxInFlight: number;
  readonly ackWaitMs: number;
}

/** Begins to take triggers from JetStream. The only part of this role that needs Nest; see `executor.ts` on when it is loaded. */
export async function takeTriggers({ log, logger, nats }: Base, execution: Execution, source: TriggerSource): Promise<{ close(): Promise<void> }> {
  const handle = async (delivery: WorkDelivery): Promise<Settlement> => {
    const result = await execution.trigger(source.area, await resolvePayload(JSON.parse(delivery.text) as EventEnvelope));
    return result.done ? settle.ack : settle.retry(result.retryAfterMs);
  };
  /** Large data stays in the log; the message then only refers to it. */
  async function resolvePayload(event: EventEnvelope): Promise<EventEnvelope> {
    if (!('payload_ref' in event)) return event;
    const [stored] = await log.readStream(event, { from: event.version, to: event.version });
    return stored ?? event;
  }
  const { name, subjects, maxInFlight, ackWaitMs } = source;
  const strategy = new TriggerServer({
    connection: nats,
    name,
    maxInFlight,
    ackWaitMs,
    startAfterPosition: () => log.cursor(name),
    onTrouble: (trouble) => logger.warn(trouble, 'a trigger was not acknowledged'),
  });
  return startMicroservice(
    strategy,
    TRIGGERS,
    subjects.map((pattern) => ({ pattern, summary: pattern, handle })),
    logger,
  );
}
