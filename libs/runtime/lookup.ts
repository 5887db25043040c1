import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { EventLog } from '@agent-platform/event-log/event-log';
import { Failure, fold, type AnyFeature, type Lookup } from '@agent-platform/kernel/index';
import type { Folded, StreamStates } from './stream-states.ts';

/** The slices by the words that lead to them. */
export class FeatureIndex {
  readonly all: readonly AnyFeature[];
  readonly #byCategory: ReadonlyMap<string, AnyFeature>;
  readonly #byCommand: ReadonlyMap<string, AnyFeature>;

  constructor(features: readonly AnyFeature[]) {
    this.all = features;
    this.#byCategory = new Map(features.map((feature) => [feature.contract.category, feature]));
    this.#byCommand = new Map(features.flatMap((feature) => Object.keys(feature.contract.commands).map((type) => [type, feature] as const)));
  }

  /** Categories of all of them. */
  get categories(): readonly string[] {
    return [...this.#byCategory.keys()];
  }

  /** The feature whose streams are of a category. */
  of(category: string): AnyFeature {
    const feature = this.#byCategory.get(category);
    if (!feature) throw new Failure('fault', 'category-unknown', `No feature here owns the category "${category}".`);
    return feature;
  }

  /** The feature that decides a command; null when there is none. */
  deciding(type: string): AnyFeature | null {
    return this.#byCommand.get(type) ?? null;
  }
}

/**
 * Folds a stream from its events and nothing else, up to a version when one is given: for a state of the past, and for
 * looking at what the log says. For the state now, in the course of work, there is `StreamStates`.
 */
export async function loadState(log: Pick<EventLog, 'readStream'>, feature: AnyFeature, stream: StreamRef, to?: number): Promise<Folded> {
  const events = await log.readStream(stream, to === undefined ? {} : { to });
  return { state: fold<unknown, EventEnvelope>(feature.decider, events), version: events.at(-1)?.version ?? 0 };
}

/** Looks at other aggregates in the log, for `prepare` and for executors. */
export const createLookup = (log: EventLog, features: FeatureIndex, states: StreamStates): Lookup => ({
  async state(stream) {
    const { state, version } = await states.load(features.of(stream.category), stream);
    return version === 0 ? null : state;
  },
  holder: (workspaceId, scope, key) => log.holder(workspaceId, scope, key),
  async event(stream, version) {
    const [event] = await log.readStream(stream, { from: version, to: version });
    return event ?? null;
  },
});
