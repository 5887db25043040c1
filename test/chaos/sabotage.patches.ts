import type { PromiseId } from './promise.ts';

/** Exact text of a file and what it becomes. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A bug put in on purpose into a copy of the code. */
export interface Sabotage {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Scenarios, by part of their names, that must find it. */
  readonly only: readonly string[];
  /** At least one of these must be reported as broken. */
  readonly breaks: readonly PromiseId[];
}

const patch = (file: string, from: string, to: string): Patch => ({ file, from, to });

/** Every one of these is a mistake somebody once made in such a system. A harness that stays green on one is blind. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'commits are answered before they are on disk',
    patches: [
      patch(
        'test/chaos/servers.ts',
        `settings: { shared_buffers: '64MB'`,
        `settings: { synchronous_commit: 'off', wal_writer_delay: '2000ms', shared_buffers: '64MB'`,
      ),
      patch('test/chaos/stack.ts', `    ...options.env,`, `    AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: 'true',\n    ...options.env,`),
    ],
    only: ['postgres killed'],
    breaks: ['P1'],
  },
  {
    name: 'the events of a command are two appends',
    patches: [
      patch('libs/runtime/handle-command.ts', 'events: decided.map((event) => (', 'events: decided.slice(0, 1).map((event) => ('),
      patch(
        'libs/runtime/handle-command.ts',
        `      crashPoint('commands.after-append');`,
        `      crashPoint('commands.after-append');
      if (result.status === 'appended' && decided.length > 1) {
        await log.append({ stream, expected: result.last_version, events: decided.slice(1).map((event) => ({ ...event, schema_version: 1 })), cause: input.cause });
      }`,
      ),
    ],
    only: ['crash commands.after-append'],
    breaks: ['P2'],
  },
  {
    name: 'positions follow no order within a stream',
    patches: [
      patch(
        'libs/event-log/schema/0004_sequence.sql',
        'select array_agg(q.seq order by q.seq), array_agg(q.count order by q.seq)',
        'select array_agg(q.seq order by q.seq desc), array_agg(q.count order by q.seq desc)',
      ),
    ],
    only: ['crash relay.after-publish'],
    breaks: ['P3'],
  },
  {
    name: 'command ids are not remembered',
    patches: [patch('libs/runtime/handle-command.ts', 'command: { id: command_id, fingerprint },', 'command: { id: randomUUIDv7(), fingerprint },')],
    only: ['crash commands.after-append'],
    breaks: ['P4'],
  },
  {
    name: 'a non-idempotent effect is repeated after a crash',
    patches: [
      patch(
        'libs/nodes/tool.node.ts',
        `onUnknown: (request) => (isUnasked(request) || ('builtin' in request ? isRepeatable(request) : request.repeatable) ? 'repeat' : 'stop')`,
        `onUnknown: () => 'repeat'`,
      ),
    ],
    only: ['crash executor.after-effect', 'crash executor.during-effect'],
    breaks: ['P5'],
  },
  {
    name: 'the intent is written after the call',
    patches: [
      patch(
        'libs/runtime/activation.ts',
        `    crashPoint('executor.before-append');`,
        `    for (const effect of effects) this.#effects.begin(effect);\n    crashPoint('executor.before-append');`,
      ),
    ],
    only: ['crash executor.before-append'],
    breaks: ['P5'],
  },
  {
    name: 'the idempotency key does not name the run',
    patches: [patch('libs/features/run/run.draft.ts', '/${this.#meta.stream_id}/${node.id}`;', '/${node.id}`;')],
    only: ['crash scheduler.after-read'],
    breaks: ['P5'],
  },
  {
    name: 'nobody looks at the epoch of a lease',
    patches: [
      patch(
        'libs/event-log/schema/0003_append.sql',
        'when i.use = 2 and (i.owner is distinct from i.mine or i.epoch is distinct from i.known) then 6',
        'when i.use = 2 and false then 6',
      ),
      patch('libs/runtime/execute.ts', 'if (version === undefined) activation.lost();', 'if (version === undefined) continue;'),
    ],
    only: ['executor paused'],
    breaks: ['P6'],
  },
  {
    name: 'a projection asks the clock',
    patches: [
      patch(
        'libs/features/run/run.projection.ts',
        'output_json: event.data.output_json, ended_at: event.time',
        'output_json: event.data.output_json, ended_at: new Date().toISOString()',
      ),
    ],
    only: ['crash scheduler.after-read'],
    breaks: ['P7'],
  },
  {
    name: 'the checkpoint is moved before the rows, in a transaction of its own',
    patches: [
      patch(
        'libs/runtime/project.ts',
        `    await this.#pool.transaction(async (db) => {
      await this.#moveCheckpoints(db, projections, from, to);
      crashPoint('projector.in-transaction');`,
        `    await this.#pool.transaction((db) => this.#moveCheckpoints(db, projections, from, to));
    crashPoint('projector.in-transaction');
    await this.#pool.transaction(async (db) => {`,
      ),
    ],
    only: ['crash projector.in-transaction'],
    breaks: ['P7'],
  },
  {
    name: 'the projector goes on over a hole in what it was sent',
    patches: [
      patch(
        'libs/runtime/projector.ts',
        'await readUpTo(projections, position, batch.missing.to);',
        'await writer.skip(projections, position, batch.missing.to);',
      ),
      patch(
        'libs/runtime/project.ts',
        '  async #write(',
        `  async skip(projections: readonly Projection[], from: number, to: number): Promise<void> {
    await this.#pool.transaction((db) => this.#moveCheckpoints(db, projections, from, to));
  }

  async #write(`,
      ),
    ],
    only: ['every message twice'],
    breaks: ['P7'],
  },
  {
    name: 'the relay takes what it has sequenced for published',
    patches: [patch('libs/runtime/relay.ts', '    let at = position;', '    let at = head;')],
    only: ['crash relay.after-sequence'],
    breaks: ['P8'],
  },
  {
    name: 'timers live in the memory of the scheduler',
    patches: [
      patch('libs/runtime/schedule.ts', 'const bell = new Bell();', 'const bell = new Bell();\n  const born = new Date().toISOString();'),
      patch('libs/runtime/schedule.ts', 'where due_at <= clock_timestamp() and', 'where due_at <= clock_timestamp() and due_at > ${born}::timestamptz and'),
    ],
    only: ['crash scheduler.after-read'],
    breaks: ['P8'],
  },
  {
    name: 'nobody takes over what a dead executor held',
    patches: [
      patch(
        'libs/runtime/execute.ts',
        'const streams = room > 0 ? await options.log.abandoned(executor.category, Math.min(room, 500)) : [];',
        'const streams: readonly StreamRef[] = room > 0 ? [] : [];',
      ),
    ],
    only: ['crash executor.after-effect'],
    breaks: ['P8'],
  },
  {
    name: 'nobody looks for what JetStream dropped',
    patches: [patch('apps/executor/executor.ts', 'const oldest = progress.oldest ?? head + 1;', 'const oldest = 0;')],
    only: ['jetstream keeps'],
    breaks: ['P8'],
  },
  {
    name: 'a poison event stops its projection',
    patches: [
      patch(
        'libs/runtime/project.ts',
        `      } catch (error) {
        refused.push({ projection, event, error });
      }`,
        `      } catch (error) {
        throw error;
      }`,
      ),
    ],
    only: ['poison'],
    breaks: ['P8', 'P11'],
  },
];
