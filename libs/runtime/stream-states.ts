import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { evolveAll, type AnyFeature } from '@agent-platform/kernel/index';
import type { Logger } from './logger.ts';

/** A stream folded. `version` 0: it does not exist. */
export interface Folded {
  readonly state: unknown;
  readonly version: number;
}

/** With the event that the stream began with; null when it does not exist. */
export interface Loaded extends Folded {
  readonly first: EventEnvelope | null;
}

export interface StreamStatesOptions {
  readonly log: Pick<EventLog, 'readStream' | 'readSnapshot' | 'writeSnapshot'>;
  readonly logger: Logger;
  /** Events that a stream must have before a snapshot of it is worth anything, and between two of them at least. Default 500. */
  readonly everyEvents?: number;
  /** Long streams that are remembered as such; of the others the beginning is read in vain. Default 5,000. */
  readonly remembered?: number;
}

/** Snapshots that wait to be written, each holding a state in memory: what comes while there are so many is left out. */
const MOST_WAITING = 16;

type Log = StreamStatesOptions['log'];
interface Snapshot {
  readonly feature: AnyFeature;
  readonly stream: StreamRef;
  readonly folded: Folded;
}

/**
 * Folds streams as they are now; long ones from the newest snapshot on, when their feature names the version of its
 * state. Snapshots are a cache and nothing more: one that is missing, of another version, of another history or
 * unreadable costs time only. Short streams are one query, as without snapshots: their first events are asked for, and
 * when there are no more that is all.
 *
 * One is written in the background when a stream has grown by `everyEvents` since the last one known here, and by a
 * tenth: so all snapshots of a stream together cost a constant times its state. On a crash nothing is lost but a cache.
 */
export class StreamStates {
  readonly #log: Log;
  readonly #logger: Logger;
  readonly #every: number;
  readonly #remembered: number;
  /** Streams known to be long, least recently used first, and the newest version of which a snapshot was found, or tried to be written. */
  readonly #long = new Map<string, number>();
  readonly #waiting = new Map<string, Snapshot>();
  #writing: Promise<void> | null = null;

  constructor({ log, logger, everyEvents = 500, remembered = 5_000 }: StreamStatesOptions) {
    this.#log = log;
    this.#logger = logger;
    this.#every = everyEvents;
    this.#remembered = remembered;
  }

  /** State of a stream now. Throws Failure('transient') when the log does not answer. */
  async load(feature: AnyFeature, stream: StreamRef): Promise<Loaded> {
    if (feature.stateVersion === undefined) return foldOn(feature, null, await this.#log.readStream(stream));
    const long = this.#long.has(streamKey(stream));
    const head = long ? [] : await this.#log.readStream(stream, { to: this.#every });
    const last = head.at(-1);
    if (last && last.version < this.#every) return foldOn(feature, null, head);
    // Without a beginning there is no such stream, or the beginning went with a dropped partition.
    if (!last && !long) return foldOn(feature, null, await this.#log.readStream(stream));
    const loaded = await this.#loadLong(feature, stream, head);
    this.grown(feature, stream, loaded);
    return loaded;
  }

  /** Told of a state that was just folded, e.g. after an append: a snapshot of it is written soon, if one is due. Costs nothing otherwise. */
  grown(feature: AnyFeature, stream: StreamRef, folded: Folded): void {
    if (feature.stateVersion === undefined || folded.version < this.#every) return;
    const id = streamKey(stream);
    const last = this.#tried(stream);
    const due = folded.version - last >= Math.max(this.#every, folded.version / 10) && (this.#waiting.has(id) || this.#waiting.size < MOST_WAITING);
    this.#remember(id, due ? folded.version : last);
    if (!due) return;
    this.#waiting.set(id, { feature, stream, folded });
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when no snapshot waits to be written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** `head`: the first events, when they have been read. */
  async #loadLong(feature: AnyFeature, stream: StreamRef, head: readonly EventEnvelope[]): Promise<Loaded> {
    const snapshot = await this.#readSnapshot(feature, stream);
    if (snapshot) {
      // Asked in one tick, so both are one query. The snapshot's own last event shows that it is of this history.
      const [[first], [last, ...tail]] = await Promise.all([
        head[0] ? head : this.#log.readStream(stream, { to: 1 }),
        this.#log.readStream(stream, { from: snapshot.version }),
      ]);
      if (last?.version === snapshot.version) {
        this.#remember(streamKey(stream), Math.max(snapshot.version, this.#tried(stream)));
        return { ...foldOn(feature, snapshot, tail), first: first ?? last };
      }
    }
    this.#remember(streamKey(stream), this.#tried(stream));
    const begun = head[0] ? foldOn(feature, null, head) : null;
    const { state, version, first } = foldOn(feature, begun, await this.#log.readStream(stream, { from: (begun?.version ?? 0) + 1 }));
    return { state, version, first: head[0] ?? first };
  }

  async #readSnapshot(feature: AnyFeature, stream: StreamRef): Promise<Folded | null> {
    try {
      return await this.#log.readSnapshot(stream, schemaOf(feature));
    } catch (error) {
      this.#logger.warn({ stream, error }, 'a snapshot could not be read; folding the stream from its beginning');
      return null;
    }
  }

  /** One after the other, each after what the process has to do otherwise. */
  async #writeAll(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#waiting;
      if (!next) break;
      const [id, { feature, stream, folded }] = next;
      this.#waiting.delete(id);
      try {
        await this.#log.writeSnapshot(stream, schemaOf(feature), folded.version, folded.state);
      } catch (error) {
        this.#logger.warn({ stream, error }, 'a snapshot could not be written; the next one is due later');
      }
    }
    this.#writing = null;
  }

  #tried(stream: StreamRef): number {
    return this.#long.get(streamKey(stream)) ?? 0;
  }

  #remember(id: string, snapshotVersion: number): void {
    this.#long.delete(id);
    this.#long.set(id, snapshotVersion);
    const oldest = this.#long.keys().next().value;
    if (this.#long.size > this.#remembered && oldest !== undefined) this.#long.delete(oldest);
  }
}

/** Names a stream in the tables of this process. */
export const streamKey = ({ workspace_id, category, stream_id }: StreamRef): string => `${workspace_id}/${category}/${stream_id}`;

const schemaOf = (feature: AnyFeature): string => `${feature.contract.category}.v${feature.stateVersion}`;

/** Folds events onto what was folded before them; null: they are the first. */
export function foldOn(feature: AnyFeature, before: Folded | null, events: readonly EventEnvelope[]): Loaded {
  const { state, version } = before ?? { state: feature.decider.initial as unknown, version: 0 };
  return {
    state: evolveAll<unknown, EventEnvelope>(feature.decider, state, events),
    version: events.at(-1)?.version ?? version,
    first: events[0] ?? null,
  };
}
