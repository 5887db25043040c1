import { type EventEnvelope, pokes } from '@agent-platform/contracts/kit/index';
import { holdOwnerLock } from '@agent-platform/event-log/owner-lock';
import { createExecutors } from '@agent-platform/features/index';
import { publishLive } from '@agent-platform/messaging/live-topic';
import { TriggerServer, TRIGGERS } from '@agent-platform/messaging/nest/trigger.server';
import { settle, type Settlement } from '@agent-platform/messaging/settlement';
import { triggerFloor } from '@agent-platform/messaging/trigger-floor';
import type { WorkDelivery } from '@agent-platform/messaging/work-delivery';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import type { Ports } from '@agent-platform/ports/index';
import { createExecution } from '@agent-platform/runtime/execute';
import { every } from '@agent-platform/runtime/every';
import { Slots } from '@agent-platform/runtime/slots';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';
import { startMicroservice } from '@agent-platform/service/nest-handlers';
import { createHandOver } from './hand-over.ts';
import { onHint } from './hint.ts';

export interface ExecutorParts {
  readonly nodes: NodeRegistry;
  readonly ports: Ports;
}

const DURABLE = 'executor';
const CURSOR = 'executor';
const RESCUE_EVERY_MS = 1_000;
const SAVE_EVERY_MS = 5_000;
const TRIGGERS_AT_ONCE = 500;
/** A trigger that a dead executor had taken but not acted on comes to another one after this. A living one extends it. */
const TRIGGER_WAIT_MS = 10_000;
const GRACE_MS = 20_000;

/**
 * Events to effects to follow-up commands. Any number of these processes share the triggers; each run is worked on by
 * the one that holds its lease. A trigger is acknowledged once what it means is in the log or a lease says who works on
 * it; a run whose executor dies is found by its lease and taken over by the others.
 */
export async function startExecutorRole(base: Base, { nodes, ports }: ExecutorParts): Promise<Role> {
  const { config, features, log, lookup, clock, commands, logger, nats } = base;
  const lock = await holdOwnerLock(config.AGENT_PLATFORM_DATABASE_URL);
  const executors = createExecutors({ nodes, ports });
  const policies = features.all.flatMap((feature) => feature.policies ?? []);
  const ttlMs = config.AGENT_PLATFORM_LEASE_SECONDS * 1000;
  const handOver = createHandOver(nats, lock.owner, (event) => execution.trigger(event));
  const execution = createExecution({
    log,
    features,
    executors,
    policies,
    commands,
    lookup,
    clock,
    owner: () => lock.owner,
    actor: `executor:${config.AGENT_PLATFORM_WORKER_KEY}`,
    ttlMs,
    slots: new Slots(config.AGENT_PLATFORM_MAX_EFFECTS),
    maxActive: config.AGENT_PLATFORM_MAX_ACTIVE,
    appended: base.appended,
    live: (stream, topic, data) => publishLive(nats, stream, topic, data),
    askHolder: handOver.ask,
    logger,
  });

  const handle = async (delivery: WorkDelivery): Promise<Settlement> => {
    const result = await execution.trigger(await resolvePayload(JSON.parse(delivery.text) as EventEnvelope));
    return result.done ? settle.ack : settle.retry(result.retryAfterMs);
  };
  /** Large data stays in the log; the message then only refers to it. */
  async function resolvePayload(event: EventEnvelope): Promise<EventEnvelope> {
    if (!('payload_ref' in event)) return event;
    const [stored] = await log.readStream(event, { from: event.version, to: event.version });
    return stored ?? event;
  }
  const kinds = [...executors, ...policies].flatMap(({ triggers }) => triggers.map(({ category, type }) => `evt.*.${category}.*.${type}`));
  const strategy = new TriggerServer({
    connection: nats,
    name: DURABLE,
    maxInFlight: TRIGGERS_AT_ONCE,
    ackWaitMs: TRIGGER_WAIT_MS,
    startAfterPosition: () => log.cursor(CURSOR),
    onTrouble: (trouble) => logger.warn(trouble, 'a trigger was not acknowledged'),
  });
  const app = await startMicroservice(
    strategy,
    TRIGGERS,
    [...new Set(kinds)].map((pattern) => ({ pattern, summary: pattern, handle })),
    logger,
  );

  const hints = [...new Set(executors.flatMap(({ triggers }) => triggers.map(({ category, type }) => pokes.hint(category, type))))].map((subject) =>
    onHint(nats, subject, (events) => void execution.hint(events)),
  );
  const duties = [
    every(RESCUE_EVERY_MS, () => execution.rescue(), logger),
    every(ttlMs / 3, () => execution.renew(), logger),
    every(SAVE_EVERY_MS, () => saveProgress(), logger),
  ];
  /** Remembers in Postgres where a wiped JetStream has to begin again. */
  async function saveProgress(): Promise<void> {
    const to = await triggerFloor(nats, DURABLE);
    const from = await log.cursor(CURSOR);
    if (to > from) await log.moveCursor(CURSOR, from, to);
  }

  return withHealth(nats, {
    name: 'executor',
    async close() {
      for (const stop of hints) stop();
      await app.close();
      await Promise.all(duties.map((stop) => stop()));
      await execution.drain(GRACE_MS);
      handOver.close();
      await lock.close();
    },
  });
}
