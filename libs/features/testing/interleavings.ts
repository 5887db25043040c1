import type { EventEnvelope, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import {
  type AnyFeature,
  deterministicUuid,
  type Effect,
  evolveAll,
  type Executor,
  Failure,
  isRejection,
  type Lookup,
  rejectionToFailure,
  toFailure,
} from '@agent-platform/kernel/index';

const WORKSPACE = 'acme';
const CAUSE = { actor: 'test', correlation_id: 'test' };
const NOW = '2026-01-01T00:00:00.000Z';

// oxlint-disable-next-line no-explicit-any -- executors of several features in one list: each only meets values of its own
type AnyExecutor = Executor<any, any, any, any>;
interface Wanted {
  readonly type: string;
  readonly data: JsonObject;
}

/** Something that is under way, and may happen before or after everything else that is. */
export type Pending =
  | { readonly does: 'command'; readonly command: Wanted; readonly id: string }
  | { readonly does: 'wake'; readonly stream: StreamRef; readonly command: Wanted | null }
  | { readonly does: 'effect'; readonly stream: StreamRef; readonly effect: Effect };

/** A moment: what is in the log, and what is under way. Never changed, so that everything that may follow can be tried. */
export interface Moment {
  readonly log: Readonly<Record<string, readonly EventEnvelope[]>>;
  /** Ids of commands that were carried out. */
  readonly done: readonly string[];
  readonly pending: readonly Pending[];
}

/** Deciders, policies and executors as they are, without a machine: what happens next is chosen by the caller. */
export class Interleavings {
  readonly #features: readonly AnyFeature[];
  readonly #executors: readonly AnyExecutor[];

  constructor(features: readonly AnyFeature[], executors: readonly AnyExecutor[]) {
    this.#features = features;
    this.#executors = executors;
  }

  /** Every moment at which nothing is under way any more, over all orders of what is. `limit`: moments looked at. */
  async ends(begin: Moment, limit = 50_000): Promise<readonly Moment[]> {
    const seen = new Set<string>();
    const ends: Moment[] = [];
    const open = [begin];
    for (let moment = open.pop(); moment; moment = open.pop()) {
      const mark = markOf(moment);
      if (seen.has(mark)) continue;
      seen.add(mark);
      if (seen.size > limit) throw new Error(`more than ${limit} moments: ask for less`);
      if (moment.pending.length === 0) ends.push(moment);
      for (const [index, next] of moment.pending.entries()) {
        const rest = { ...moment, pending: moment.pending.toSpliced(index, 1) };
        open.push(await this.#follow(rest, next));
        // An executor that dies with the effect of a stream that has ended is not missed: nobody begins it again.
        if (next.does === 'effect' && this.#hasEnded(moment, next.stream)) open.push(rest);
      }
    }
    return ends;
  }

  /** One command after the other, and whatever they lead to in the order it comes up. */
  async after(begin: Moment, commands: readonly Wanted[]): Promise<Moment> {
    let moment = begin;
    for (const command of commands) {
      moment = await this.#command(moment, command, `given/${command.type}/${moment.done.length}`);
      for (let next = moment.pending[0]; next; next = moment.pending[0]) moment = await this.#follow({ ...moment, pending: moment.pending.slice(1) }, next);
    }
    return moment;
  }

  #follow(moment: Moment, next: Pending): Promise<Moment> {
    switch (next.does) {
      case 'command':
        // Of what a policy wants, refusals are no matter.
        return this.#command(moment, next.command, next.id).catch((error: unknown) => refused(error, moment));
      case 'wake':
        return this.#wake(moment, next.stream, next.command);
      case 'effect':
        return this.#effect(moment, next.stream, next.effect);
    }
  }

  async #command(moment: Moment, command: Wanted, id: string): Promise<Moment> {
    if (moment.done.includes(id)) return moment;
    const feature = this.#find(({ contract }) => command.type in contract.commands, command.type);
    const contract = feature.contract.commands[command.type];
    // The command is one of the feature's own.
    const data = contract?.data.parse(command.data) as JsonObject;
    const stream = { workspace_id: WORKSPACE, category: feature.contract.category, stream_id: data[contract?.target ?? ''] as string };
    const whole = { type: command.type, data, meta: { ...CAUSE, ...stream, command_id: id, now: NOW } };
    const prepared = await feature.prepare?.[command.type]?.(whole, this.#lookup(moment));
    const decision = prepared && isRejection(prepared) ? prepared : feature.decider.decide(prepared ?? whole, this.#state(moment, stream));
    if (isRejection(decision)) throw rejectionToFailure(decision);
    return { ...this.#append(moment, feature, stream, decision), done: [...moment.done, id] };
  }

  async #wake(moment: Moment, stream: StreamRef, command: Wanted | null): Promise<Moment> {
    const { executor, feature } = this.#of(stream);
    const state = this.#state(moment, stream);
    if (!executor || !moment.log[keyOf(stream)] || executor.ended(state)) return moment;
    const context: unknown = await executor.context(state, stream, this.#lookup(moment));
    const bound = executor.bind(command ?? executor.advance(state, context), context);
    const decision = feature.decider.decide({ ...bound, meta: { ...CAUSE, ...stream, command_id: stream.stream_id, now: NOW } }, state);
    if (isRejection(decision)) return { ...moment, pending: [...moment.pending, { does: 'wake', stream, command }] };
    const after = this.#append(moment, feature, stream, decision);
    const now = this.#state(after, stream);
    const effects = executor.ended(now) ? [] : decision.flatMap((event) => executor.effect(event, now, context) ?? []);
    return { ...after, pending: [...after.pending, ...effects.map((effect): Pending => ({ does: 'effect', stream, effect }))] };
  }

  /** What it asks others for happens now, what came of it is recorded later. */
  async #effect(moment: Moment, stream: StreamRef, effect: Effect): Promise<Moment> {
    let now = moment;
    const outcome = await this.#of(stream).executor?.perform(effect, {
      stream,
      key: effect.key,
      correlation_id: '',
      signal: new AbortController().signal,
      timedOut: () => false,
      live: () => {},
      command: async (type, _workspace, data, id) => {
        now = await this.#command(now, { type, data: data as JsonObject }, id);
      },
    });
    return { ...now, pending: [...now.pending, { does: 'wake', stream, command: outcome as Wanted }] };
  }

  #append(moment: Moment, feature: AnyFeature, stream: StreamRef, decision: readonly { type: string; data: unknown }[]): Moment {
    const before = moment.log[keyOf(stream)] ?? [];
    const events = decision.map(({ type, data }, index): EventEnvelope => {
      const version = before.length + index + 1;
      const id = deterministicUuid(`${keyOf(stream)}/${version}`);
      return { ...CAUSE, ...stream, id, type, version, schema_version: feature.contract.events[type]?.version ?? 1, time: NOW, data: data as JsonObject };
    });
    const log = { ...moment.log, [keyOf(stream)]: [...before, ...events] };
    const after = { ...moment, log, pending: [...moment.pending, ...events.flatMap((event) => this.#reactions(event))] };
    // What has ended does nothing for ever: leaving out who would wake it saves orders that are all the same.
    return { ...after, pending: after.pending.filter((one) => one.does !== 'wake' || !this.#hasEnded(after, one.stream)) };
  }

  #reactions(event: EventEnvelope): Pending[] {
    const isTriggered = ({ triggers }: Pick<AnyExecutor, 'triggers'>): boolean => triggers.some(({ type }) => type === event.type);
    const commands = this.#features.flatMap(({ policies = [] }) => policies.filter(isTriggered).flatMap((policy) => policy.react(event)));
    const woken = this.#executors.filter(isTriggered).flatMap((executor) => executor.wake(event) ?? []);
    return [
      ...commands.map((command, index): Pending => ({ does: 'command', command, id: `${event.id}/${command.type}/${index}` })),
      ...woken.map(({ stream, command }): Pending => ({ does: 'wake', stream, command: (command as Wanted | undefined) ?? null })),
    ];
  }

  #lookup = (moment: Moment): Lookup => ({
    state: async (stream) => (moment.log[keyOf(stream)] ? this.#state(moment, stream) : null),
    holder: async (_workspace, scope, key) => (scope === 'workflow_version' ? key.replace(/-v1$/, '') : null),
    event: async (stream, version) => moment.log[keyOf(stream)]?.[version - 1] ?? null,
  });

  #state(moment: Moment, stream: StreamRef): unknown {
    const { decider } = this.#of(stream).feature;
    return evolveAll<unknown, EventEnvelope>(decider, decider.initial, moment.log[keyOf(stream)] ?? []);
  }

  #hasEnded = (moment: Moment, stream: StreamRef): boolean => this.#of(stream).executor?.ended(this.#state(moment, stream)) ?? false;

  #of({ category }: StreamRef): { readonly feature: AnyFeature; readonly executor: AnyExecutor | undefined } {
    return {
      feature: this.#find(({ contract }) => contract.category === category, category),
      executor: this.#executors.find((one) => one.category === category),
    };
  }

  #find(is: (feature: AnyFeature) => boolean, name: string): AnyFeature {
    const found = this.#features.find(is);
    if (!found) throw new Failure('fault', 'no-feature', `no feature for "${name}"`);
    return found;
  }
}

const keyOf = ({ category, stream_id }: StreamRef): string => `${category}/${stream_id}`;

/** What is to come depends on nothing else: two ways to the same events and the same work go on as one. */
const markOf = ({ log, pending }: Moment): string =>
  JSON.stringify([
    Object.entries(log)
      .map(([key, events]) => `${key} ${JSON.stringify(events.map(({ type, data }) => [type, data]))}`)
      .toSorted(),
    pending.map((one) => (one.does === 'effect' ? one.effect.key : JSON.stringify(one))).toSorted(),
  ]);

function refused(error: unknown, moment: Moment): Moment {
  const { kind } = toFailure(error);
  if (kind === 'fault' || kind === 'transient') throw error;
  return moment;
}
