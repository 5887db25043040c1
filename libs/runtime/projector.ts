import type { DatabasePool } from 'slonik';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import type { LogBatch, LogConsumer } from '@agent-platform/messaging/log-consumer';
import type { LogMessage } from '@agent-platform/messaging/log-message';
import { aheadOfLog } from './ahead-of-log.ts';
import { crashPoint } from './crash-point.ts';
import type { Logger } from './logger.ts';
import { backoffMs, pause } from './patience.ts';
import { CheckpointMoved, ProjectionWriter } from './project.ts';
import { ensureReadModels, statusOf } from './read-models.ts';

export interface ProjectorOptions {
  readonly pool: DatabasePool;
  readonly log: EventLog;
  readonly projections: readonly Projection[];
  /** Opens a consumer of the whole event stream that begins after a position. */
  readonly consume: (startAfter: number) => LogConsumer;
  readonly logger: Logger;
}

export interface Projector {
  /** Log position that all its projections reflect. */
  readonly position: number;
  stop(): Promise<void>;
}

const PAGE = 1000;
/**
 * Pause after a transaction, in milliseconds: one for each of its events, between the shortest and the longest. After a
 * quiet time an event is shown at once; under load the changes of a row within this time become one, which costs a fraction of the CPU.
 */
const SHORTEST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 100;
/** A transaction of so many events is followed by the next one at once: there is a backlog. */
const BACKLOG = 1500;
const pauseAfter = (events: number): number => (events >= BACKLOG ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, events)));

/** The message of an event above 64 KB only refers to its data, which stays in the log. */
class DataInLog extends Error {
  override readonly name = 'DataInLog';
}

const isInLog = (event: LoggedEvent): boolean => 'payload_ref' in event;

/** Parsed one by one, each time they are asked for. `fetched` are those whose data is in the log. Throws DataInLog at others of that kind. */
const eventsOf = (messages: readonly LogMessage[], fetched: ReadonlyMap<number, LoggedEvent> = new Map()): Iterable<LoggedEvent> => ({
  *[Symbol.iterator]() {
    for (const message of messages) {
      const event = fetched.get(message.position) ?? message.event();
      if (isInLog(event)) throw new DataInLog(`the data of position ${message.position} is in the log`);
      yield event;
    }
  },
});

/**
 * Keeps the read models at the head of the log. Their checkpoints in Postgres are the truth: where JetStream has a
 * hole, or is away, the events are read from the log. A second projector is harmless: the checkpoint lets only one write.
 */
export function startProjector({ pool, log, projections, consume, logger }: ProjectorOptions): Projector {
  const writer = new ProjectionWriter(pool, 'live', logger);
  const types = new Set(projections.flatMap(({ events }) => events));
  let position = 0;
  let stopping = false;
  let consumer: LogConsumer | null = null;

  /** Brings all projections to the same position, reading the log for those that are behind. */
  async function align(): Promise<void> {
    await ensureReadModels(pool, projections);
    const at = await Promise.all(projections.map(async ({ name }) => (await statusOf(pool, name, 'live'))?.position ?? 0));
    const target = Math.max(...at);
    const head = await log.head();
    if (target > head) throw aheadOfLog(projections[at.indexOf(target)]?.name ?? '', target, head);
    for (const [index, projection] of projections.entries()) await readUpTo([projection], at[index] ?? 0, target);
    position = target;
  }

  async function readUpTo(which: readonly Projection[], from: number, to: number): Promise<void> {
    let at = from;
    while (at < to && !stopping) {
      const events = await log.readLog(at, Math.min(PAGE, to - at));
      if (events.length === 0) return;
      at = await writer.apply(which, at, events);
    }
  }

  async function fetchLarge(messages: readonly LogMessage[]): Promise<ReadonlyMap<number, LoggedEvent>> {
    const fetched = new Map<number, LoggedEvent>();
    for (const message of messages) {
      if (!isInLog(message.event())) continue;
      const [event] = await log.readLog(message.position - 1, 1);
      if (event) fetched.set(message.position, event);
    }
    return fetched;
  }

  /** What no projection wants is not even parsed: the checkpoint moves over it. */
  async function apply({ messages, lastPosition }: LogBatch): Promise<void> {
    crashPoint('projector.after-receive');
    const wanted = messages.filter(({ type }) => types.has(type));
    try {
      position = await writer.applyUpTo(projections, position, lastPosition, eventsOf(wanted));
    } catch (error) {
      // Found out by parsing, which happens anyway: such events are rare, and looking for them first would cost every batch.
      if (!(error instanceof DataInLog)) throw error;
      position = await writer.applyUpTo(projections, position, lastPosition, eventsOf(wanted, await fetchLarge(wanted)));
    }
    crashPoint('projector.after-commit');
  }

  async function follow(): Promise<void> {
    consumer = consume(position);
    try {
      for await (const batch of consumer) {
        if (stopping) return;
        if (batch.missing) {
          logger.warn({ ...batch.missing }, 'events are missing on JetStream; reading them from the log');
          await readUpTo(projections, position, batch.missing.to);
          position = Math.max(position, batch.missing.to);
        }
        await apply(batch);
        batch.ack();
        await pause(pauseAfter(batch.messages.length));
      }
    } finally {
      consumer.close();
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping; failures++) {
      try {
        await align();
        failures = 0;
        await follow();
      } catch (error) {
        if (error instanceof CheckpointMoved) logger.info({ position }, 'somebody else moved a checkpoint; going on from there');
        else logger.warn({ error, position }, 'the projector could not go on; trying again');
        await pause(backoffMs(failures));
      }
    }
  }

  const running = run();
  return {
    get position() {
      return position;
    },
    async stop() {
      stopping = true;
      consumer?.close();
      await running;
    },
  };
}
