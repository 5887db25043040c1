import type { PromiseId } from './promise.ts';

/** A bug put in on purpose: exact text replaced by another in a copy of the code. */
export interface Sabotage {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Scenarios, by part of their names, that must find it. */
  readonly only: readonly string[];
  /** At least one of these must be reported as broken. */
  readonly breaks: readonly PromiseId[];
}

/** Every one of these is a mistake somebody once made in such a system. A harness that stays green on one is blind. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'a non-idempotent effect is repeated after a crash',
    file: 'libs/nodes/tool.node.ts',
    from: `onUnknown: (request) => (request.repeatable ? 'repeat' : 'stop')`,
    to: `onUnknown: () => 'repeat'`,
    only: ['crash executor.after-effect', 'crash executor.during-effect'],
    breaks: ['P5'],
  },
  {
    name: 'the intent is written after the call',
    file: 'libs/runtime/activation.ts',
    from: `    crashPoint('executor.before-append');`,
    to: `    for (const effect of effects) this.#effects.begin(effect);\n    crashPoint('executor.before-append');`,
    only: ['crash executor.before-append'],
    breaks: ['P5'],
  },
  {
    name: 'the idempotency key names no attempt',
    file: 'libs/features/run/run.draft.ts',
    from: '/${this.#meta.stream_id}/${node.id}/${attempt}`',
    to: '/${node.id}/${attempt}`',
    only: ['crash scheduler.after-read'],
    breaks: ['P5'],
  },
  {
    name: 'leases have no epoch and no owner',
    file: 'libs/event-log/schema/0003_append.sql',
    from: 'when i.use = 2 and (i.owner is distinct from i.mine or i.epoch is distinct from i.known) then 6',
    to: 'when i.use = 2 and false then 6',
    only: ['executor paused'],
    breaks: ['P6', 'P5'],
  },
  {
    name: 'the version is not checked and neither is the lease',
    file: 'libs/event-log/schema/0003_append.sql',
    from: 'when i.use = 1 and i.owner <> i.mine and i.until >= v_now and i.owner = any (v_alive) then 5',
    to: 'when false then 5',
    only: ['executor paused', 'triggers delivered again'],
    breaks: ['P6', 'P5'],
  },
  {
    name: 'a projection asks the clock',
    file: 'libs/features/run/run.projection.ts',
    from: 'ended_at: event.time })];',
    to: 'ended_at: new Date().toISOString() })];',
    only: ['crash scheduler.after-read'],
    breaks: ['P7'],
  },
  {
    name: 'the checkpoint is moved before the rows, in a transaction of its own',
    file: 'libs/runtime/project.ts',
    from: `    await this.#pool.transaction(async (db) => {
      await this.#moveCheckpoints(db, projections, from, to);
      crashPoint('projector.in-transaction');`,
    to: `    await this.#pool.transaction((db) => this.#moveCheckpoints(db, projections, from, to));
    crashPoint('projector.in-transaction');
    await this.#pool.transaction(async (db) => {`,
    only: ['crash projector.in-transaction'],
    breaks: ['P7'],
  },
  {
    name: 'the projector skips what is missing on JetStream',
    file: 'libs/runtime/projector.ts',
    from: 'await readUpTo(projections, position, batch.missing.to);',
    to: '',
    only: ['crash relay', 'nats wiped', 'nats killed'],
    breaks: ['P7', 'P8'],
  },
  {
    name: 'command ids are not remembered',
    file: 'libs/runtime/handle-command.ts',
    from: 'command: { id: command_id, fingerprint },',
    to: 'command: { id: randomUUIDv7(), fingerprint },',
    only: ['crash commands.after-append'],
    breaks: ['P4'],
  },
  {
    name: 'the answer comes before the commit',
    file: 'libs/runtime/handle-command.ts',
    from: `      const result = await appending;`,
    to: `      appending.catch(() => undefined);
      const result = { status: 'appended' as const, first_version: folded.version + 1, last_version: folded.version + decided.length, event_ids: [randomUUIDv7()], time: clock.now(), epoch: null };`,
    only: ['crash commands.during-append'],
    breaks: ['P1'],
  },
  {
    name: 'an append of several events is two commits',
    file: 'libs/event-log/schema/0003_append.sql',
    from: `  at := v_time;`,
    to: `  update event_log.commits c set body = split_part(c.body, E'\\n', 1), event_count = 1 where c.append_id = any (p_append_ids) and c.event_count > 5;\n  at := v_time;`,
    only: ['crash scheduler.after-read'],
    breaks: ['P2', 'P3'],
  },
  {
    name: 'the relay takes what it has sent for stored',
    file: 'libs/runtime/relay.ts',
    from: 'let { position: at } = await publisher.resume();',
    to: 'await publisher.resume();\n    let at = await log.head();',
    only: ['crash relay.after-sequence', 'nats wiped'],
    breaks: ['P8', 'P7'],
  },
  {
    name: 'timers live in the memory of the scheduler',
    file: 'libs/runtime/schedule.ts',
    from: `    if (fired.has(id)) return;`,
    to: `    if (fired.has(id)) return;\n    remember(id);`,
    only: ['postgres killed', 'all connections'],
    breaks: ['P8'],
  },
  {
    name: 'leases of the dead are nobody’s business',
    file: 'libs/runtime/execute.ts',
    from: 'const streams = room > 0 ? await options.log.abandoned(category, Math.min(room, 500)) : [];',
    to: 'const streams: { workspace_id: string; category: string; stream_id: string }[] = room > 0 ? [] : [];',
    only: ['crash executor.after-effect'],
    breaks: ['P8'],
  },
  {
    name: 'a poison event stops its projection',
    file: 'libs/runtime/project.ts',
    from: `          } catch (error) {
            await this.#quarantine(db, projection, event, error);
          }`,
    to: `          } catch (error) {
            throw error;
          }`,
    only: ['poison'],
    breaks: ['P8', 'P11'],
  },
];
