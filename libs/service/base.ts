import type { KeyObject } from 'node:crypto';
import type { DatabasePool } from 'slonik';
import { type EventEnvelope, pokes } from '@agent-platform/contracts/kit/index';
import { checkDurability, createEventLog, type EventLog, migrate, openPool } from '@agent-platform/event-log/index';
import type { AnyFeature, Lookup } from '@agent-platform/kernel/index';
import { closeMessaging, connectMessaging, type NatsConnection } from '@agent-platform/messaging/connect';
import { poke } from '@agent-platform/messaging/poke';
import { roleMessage } from '@agent-platform/messaging/role-message';
import { ensureStreams, type StreamOptions } from '@agent-platform/messaging/stream-config';
import { type Clock, createClock } from '@agent-platform/runtime/clock';
import { createCommandHandler, type HandleCommand } from '@agent-platform/runtime/handle-command';
import { createLookup, FeatureIndex } from '@agent-platform/runtime/lookup';
import { StreamStates } from '@agent-platform/runtime/stream-states';
import { createUpcast } from '@agent-platform/runtime/upcast';
import type { Config } from './config.ts';
import { createLogger, type Logger } from './log.ts';
import { openKeys } from './secret-keys.ts';

/** What every role of a process works with: one log, one pool, one connection to NATS. */
export interface Base {
  readonly config: Config;
  readonly logger: Logger;
  readonly log: EventLog;
  /** For read models; the log shares it. */
  readonly pool: DatabasePool;
  readonly nats: NatsConnection;
  readonly features: FeatureIndex;
  readonly states: StreamStates;
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly commands: HandleCommand;
  /** Signs what roles send each other over NATS. */
  readonly roleKey: KeyObject;
  /** Tells the relay that something was committed: at once, but not more often than it takes. */
  appended(): void;
  /** Closes what `openBase` opened: the last thing of a shutdown. */
  close(): Promise<void>;
}

/** A role that runs; `close` finishes what is in hand. */
export interface Role {
  readonly name: string;
  /** Features that this process serves, where it matters. */
  readonly areas?: readonly string[];
  /** Features that the role has work for and this process leaves to others. */
  readonly others?: readonly string[];
  /** What else health is to say of this process now. */
  readonly message?: () => string;
  close(): Promise<void>;
}

const POKE_EVERY_MS = 2;

/** Connects, migrates, checks that a commit means "on disk", and makes sure of the streams. */
export async function openBase(config: Config, service: string, features: readonly AnyFeature[]): Promise<Base> {
  const logger = createLogger(service, config.AGENT_PLATFORM_LOG_LEVEL);
  // A process that takes over for a dead one is waited for: what does not depend on each other goes side by side.
  const [pool, nats] = await Promise.all([openDatabase(config, service), openMessaging(config, service)]);
  const [log, { secrets, roleKey }] = await Promise.all([
    createEventLog({ pool, upcast: createUpcast(features.map((feature) => feature.contract)) }),
    openKeys(pool, { secrets: config.AGENT_PLATFORM_SECRET_KEY, old: config.AGENT_PLATFORM_SECRET_KEY_OLD, roles: config.AGENT_PLATFORM_ROLE_KEY }),
  ]);
  const index = new FeatureIndex(features);
  const states = new StreamStates({ log, logger });
  const lookup = { ...createLookup(log, index, states), ...(secrets && { secrets }) };
  const clock = await createClock(log);
  const appended = throttled(POKE_EVERY_MS, () => poke(nats, pokes.appended));
  const hint = (events: readonly EventEnvelope[]) => {
    appended();
    const [first] = events;
    if (!first || nats.isClosed() || nats.isDraining()) return;
    const subject = pokes.hint(first.category, first.type);
    nats.publish(subject, roleMessage(roleKey, subject, events));
  };
  const commands = createCommandHandler({ log, features: index, states, lookup, clock, appended: hint });
  return {
    config,
    logger,
    log,
    pool,
    nats,
    features: index,
    states,
    lookup,
    clock,
    commands,
    roleKey,
    appended,
    async close() {
      clock.close();
      await states.idle();
      await log.close();
      await closeMessaging(nats);
      await pool.end();
    },
  };
}

async function openDatabase(config: Config, service: string): Promise<DatabasePool> {
  const url = config.AGENT_PLATFORM_DATABASE_URL;
  await migrate(url);
  const pool = await openPool(url, { connections: config.AGENT_PLATFORM_POOL, name: service });
  await checkDurability(pool, config.AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES ? { allowOff: ['fsync', 'full_page_writes', 'synchronous_commit'] } : {});
  return pool;
}

/** How the operator wants the streams: told to whoever makes sure of them. */
export const streamsOf = ({ AGENT_PLATFORM_NATS_REPLICAS: replicas, AGENT_PLATFORM_STREAM_MAX_AGE_HOURS: hours }: Config): StreamOptions => ({
  replicas,
  ...(hours !== undefined && { eventMaxAgeMs: hours * 3_600_000 }),
});

async function openMessaging(config: Config, service: string): Promise<NatsConnection> {
  const nats = await connectMessaging({ url: config.AGENT_PLATFORM_NATS_URL, name: service });
  await ensureStreams(nats, streamsOf(config));
  return nats;
}

/** Calls at once after a pause, and then at most every `ms`; a call in between is made up for at the end. */
function throttled(ms: number, work: () => void): () => void {
  let last = 0;
  let planned = false;
  const run = () => {
    planned = false;
    last = performance.now();
    work();
  };
  return () => {
    if (planned) return;
    const left = last + ms - performance.now();
    if (left <= 0) return run();
    planned = true;
    setTimeout(run, left);
  };
}
