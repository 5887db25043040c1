import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import { type AnyExecutor, Failure, toFailure, type Policy } from '@agent-platform/kernel/index';
import { type Area, isTrigger } from './area.ts';
import { Activation, type ActivationStart } from './activation.ts';
import { AbsorbedVersions } from './absorbed-versions.ts';
import { crashPoint } from './crash-point.ts';
import type { ExecutionOptions } from './execution-options.ts';
import type { Delivery } from './mail.ts';
import { streamKey as key } from './stream-states.ts';

/** What to do with a trigger: it is done with, or it must come again after a while. */
export type Triggered = { readonly done: true } | { readonly done: false; readonly retryAfterMs?: number; readonly reason: string };
const DONE: Triggered = { done: true };

export interface Execution {
  /** Handles one event for an area: wakes the stream it concerns and carries out policies. */
  trigger(area: string, event: EventEnvelope): Promise<Triggered>;
  /** Handles the events of one append ahead of their triggers, when there is room; the triggers come all the same. Never rejects. */
  hint(area: string, events: readonly EventEnvelope[]): Promise<void>;
  /** Takes over streams of the areas whose holder has died or let its lease lapse. Returns how many. */
  rescue(): Promise<number>;
  /** Extends the leases in hand and notices those that were lost. */
  renew(): Promise<void>;
  readonly active: number;
  /** Waits for the streams in hand, at most `graceMs`; what is left is for others to take over. */
  drain(graceMs: number): Promise<void>;
}

/** The executor role's machine. Many streams interleave in one process; nothing about them lives only here. */
export function createExecution(options: ExecutionOptions): Execution {
  const active = new Map<string, Activation>();
  const absorbed = new AbsorbedVersions();
  const finished = new Set<Promise<void>>();
  const areas = new Map(options.areas.map((area) => [area.name, area]));

  function areaOf(name: string): Area {
    const area = areas.get(name);
    if (!area) throw new Failure('fault', 'area-not-served', `This executor does not work on "${name}".`);
    return area;
  }

  function activate(stream: StreamRef, executor: AnyExecutor, known: ActivationStart): Activation {
    const id = key(stream);
    const before = active.get(id);
    if (before) return before;
    const activation = new Activation(stream, executor, options, known);
    active.set(id, activation);
    const run = activation.run((decided) => {
      active.delete(id);
      if (decided > 0) absorbed.remember(id, decided);
    });
    finished.add(run);
    void run.finally(() => finished.delete(run));
    return activation;
  }

  async function wake(event: EventEnvelope, executor: AnyExecutor, history?: readonly EventEnvelope[]): Promise<Triggered> {
    const wanted = executor.wake(event);
    if (!wanted) return DONE;
    const id = key(wanted.stream);
    const known = active.get(id);
    // The same event comes twice, as a hint and from JetStream: what it means has been decided already.
    if (event.category === executor.category && (known?.held ?? absorbed.version(id)) >= event.version) return DONE;
    if (!known && active.size >= options.maxActive) return later(1000, 'this executor works on as much as it may');
    // The first append of a stream is all of its history so far.
    const whole = history && event.version === 1 && key(event) === id;
    const activation = activate(wanted.stream, executor, { takeOver: false, ...(whole && { history }) });
    // Somebody else may have had the lease meanwhile: on an old state the trigger could seem to mean nothing, and be lost.
    if (known) activation.refresh();
    const delivery = await activation.deliver(wanted.command ?? executor.advance(undefined, undefined));
    return settled(delivery, executor.category, event);
  }

  async function settled(delivery: Delivery, area: string, event: EventEnvelope): Promise<Triggered> {
    if (delivery.status === 'applied') return DONE;
    if (delivery.status === 'failed') throw toFailure(delivery.error);
    const handed = delivery.owner !== null && (await options.askHolder(delivery.owner, area, event));
    // No delay of our own: the back-off of the deliveries lasts longer than any lease.
    return handed ? DONE : { done: false, reason: 'another executor holds the lease' };
  }

  async function carryOut(event: EventEnvelope, policy: Policy): Promise<void> {
    for (const [index, { type, data }] of policy.react(event).entries()) {
      const cause = { actor: options.actor, correlation_id: event.correlation_id, causation_id: event.id, traceparent: event.traceparent };
      const command_id = deterministicUuid(`${event.id}/${type}/${index}`);
      try {
        await options.commands({ type, workspace_id: event.workspace_id, data, cause, command_id });
      } catch (error) {
        const failure = toFailure(error);
        if (failure.kind === 'transient' || failure.kind === 'fault') throw failure;
        options.logger.info({ event: event.id, command: type, code: failure.code }, 'a policy’s command was refused');
      }
    }
  }

  return {
    async trigger(name, event) {
      crashPoint('executor.after-receive');
      const { executor, policies } = areaOf(name);
      for (const policy of policies) if (isTrigger(policy, event)) await carryOut(event, policy);
      const result = executor && isTrigger(executor, event) ? await wake(event, executor) : DONE;
      if (result.done) crashPoint('executor.before-ack');
      return result;
    },

    async hint(name, events) {
      const [first] = events;
      const { executor } = areaOf(name);
      if (!first || !executor || active.size >= options.maxActive) return;
      await wake(first, executor, events).catch((error: unknown) => options.logger.debug({ error }, 'a hint came to nothing'));
    },

    async rescue() {
      let taken = 0;
      for (const { executor } of options.areas) {
        if (!executor) continue;
        const room = options.maxActive - active.size;
        const streams = room > 0 ? await options.log.abandoned(executor.category, Math.min(room, 500)) : [];
        for (const stream of streams) {
          if (active.has(key(stream))) continue;
          activate(stream, executor, { takeOver: true });
          taken += 1;
        }
      }
      return taken;
    },

    async renew() {
      const held = [...active.values()].flatMap((activation) => (activation.lease ? [{ activation, lease: activation.lease }] : []));
      if (held.length === 0) return;
      const kept = new Map(
        (
          await options.log.renew(
            held.map(({ lease }) => lease),
            options.ttlMs,
          )
        ).map(({ stream, version }) => [key(stream), version]),
      );
      for (const { activation, lease } of held) {
        // Between the question and the answer the activation may have released, or claimed anew: then this answer is not about it.
        if (activation.lease?.epoch !== lease.epoch) continue;
        const version = kept.get(key(activation.stream));
        if (version === undefined) activation.lost();
        else if (version > activation.version) activation.refresh();
      }
    },

    get active() {
      return active.size;
    },

    async drain(graceMs) {
      const all = Promise.allSettled(finished);
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    },
  };
}

const later = (retryAfterMs: number, reason: string): Triggered => ({ done: false, retryAfterMs, reason });
