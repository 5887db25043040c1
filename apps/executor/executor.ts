import { pokes } from '@agent-platform/contracts/kit/index';
import { holdOwnerLock } from '@agent-platform/event-log/owner-lock';
import { publishLive } from '@agent-platform/messaging/live-topic';
import { triggerProgress } from '@agent-platform/messaging/trigger-progress';
import { type Area, triggersOf } from '@agent-platform/runtime/area';
import { createExecution } from '@agent-platform/runtime/execute';
import { every } from '@agent-platform/runtime/every';
import { Slots } from '@agent-platform/runtime/slots';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';
import type { ChosenAreas } from './areas.ts';
import { createHandOver } from './hand-over.ts';
import { onHint } from './hint.ts';
import { takeMissed } from './missed-triggers.ts';

/**
 * Name of the durable consumer of an area, and of the cursor where a wiped JetStream begins again. One per area, not per
 * process or choice of areas: processes whose choices overlap share the triggers of what they have in common, none is taken
 * by a process that has no use for it, and those of an area without any process wait until there is one.
 */
const durableOf = (area: Area): string => `executor-${area.name}`;

const RESCUE_EVERY_MS = 1_000;
const SAVE_EVERY_MS = 5_000;
const TRIGGERS_AT_ONCE = 500;
/** A trigger that a dead executor had taken but not acted on comes to another one after this. A living one extends it. */
const TRIGGER_WAIT_MS = 10_000;
const GRACE_MS = 20_000;
/** How long new triggers wait at most, at the start, for runs that are taken over. */
const HEAD_START_MS = 1_000;

/**
 * Events to effects to follow-up commands, in the chosen areas. Any number of these processes share the triggers of an area; each run is worked on by
 * the one that holds its lease. A trigger is acknowledged once what it means is in the log or a lease says who works on
 * it; a run whose executor dies is found by its lease and taken over by the others. `embeds` says who makes embeddings, for health.
 */
export async function startExecutorRole(base: Base, { chosen, others }: ChosenAreas, embeds?: () => string): Promise<Role> {
  const { config, features, log, states, lookup, clock, commands, logger, nats } = base;
  const lock = await holdOwnerLock(config.AGENT_PLATFORM_DATABASE_URL);
  const ttlMs = config.AGENT_PLATFORM_LEASE_SECONDS * 1000;
  const handOver = createHandOver(base, lock.owner, (area, event) => execution.trigger(area, event));
  const execution = createExecution({
    log,
    states,
    features,
    areas: chosen,
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

  const hints = chosen.flatMap(({ name, executor }) =>
    (executor?.triggers ?? []).map(({ category, type }) => onHint(base, name, pokes.hint(category, type), (events) => void execution.hint(name, events))),
  );
  // Awaited here: whether there is anything to take over decides what happens next.
  await execution.rescue().catch((error: unknown) => logger.warn({ error }, 'runs of dead executors could not be looked for; trying again shortly'));
  const duties = [
    every(RESCUE_EVERY_MS, () => execution.rescue(), logger),
    every(ttlMs / 3, () => execution.renew(), logger),
    every(SAVE_EVERY_MS, saveProgress, logger),
  ];
  /** Remembers in Postgres where a wiped JetStream has to begin again, and takes from the log what JetStream has dropped. */
  async function saveProgress(): Promise<void> {
    const progress = await triggerProgress(nats, chosen.map(durableOf));
    const head = await log.head();
    // The log has lost its end, and with it what came of some triggers: they are due again once the stream is filled anew.
    if (progress.newest > head) return;
    const oldest = progress.oldest ?? head + 1;
    await Promise.all(
      chosen.map(async (area) => {
        const cursor = durableOf(area);
        await takeMissed({ log, execution, area, cursor, oldest, logger });
        const [from, to] = [await log.cursor(cursor), progress.settled.get(cursor) ?? 0];
        if (to > from) await log.moveCursor(cursor, from, to);
      }),
    );
  }

  // What a dead executor has left goes first: loading Nest occupies the process for as long as a run of ten steps takes.
  await execution.drain(HEAD_START_MS);
  const { takeTriggers } = await import('./triggers.ts');
  const sources = await Promise.all(
    chosen.map((area) =>
      takeTriggers(base, execution, {
        area: area.name,
        name: durableOf(area),
        subjects: triggersOf(area).map(({ category, type }) => `evt.*.${category}.*.${type}`),
        maxInFlight: TRIGGERS_AT_ONCE,
        ackWaitMs: TRIGGER_WAIT_MS,
      }),
    ),
  );

  return withHealth(nats, {
    name: 'executor',
    areas: chosen.map(({ name }) => name),
    others,
    ...(embeds && { message: () => `Embeddings: ${embeds()}.` }),
    async close() {
      for (const stop of hints) stop();
      await Promise.all(sources.map((source) => source.close()));
      await Promise.all(duties.map((stop) => stop()));
      await execution.drain(GRACE_MS);
      handOver.close();
      await lock.close();
    },
  });
}
