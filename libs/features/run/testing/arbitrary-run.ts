import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { isRejection } from '@agent-platform/kernel/index';
import { arbitraryDag, ROUTES } from '@agent-platform/graph/testing/arbitrary-graph';
import type { NodeOutcome } from '@agent-platform/nodes/node';
import fc from 'fast-check';
import { runDecider, type RunCommand } from '../run.decider.ts';
import { evolveAllOfRun, initialRun, type NodeStatus, type RunEvent, type RunState } from '../run.state.ts';
import { programOf } from './program.ts';

const META = { command_id: 'c0', workspace_id: 'acme', stream_id: 'r1', now: '2026-01-01T00:00:00.000Z', actor: 'executor:1', correlation_id: 'k1' };
const NAMES = ['paid', 'sent'] as const;
const DUE = '2026-01-01T00:01:00.000Z';

const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', '7', 'a')), json, { maxKeys: 4 });
const text = fc.option(fc.string({ unit: 'binary' }));
const error = fc.record({ code: fc.constant('broken'), message: fc.string(), retryable: fc.boolean() });

const outcome: fc.Arbitrary<NodeOutcome> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      { status: fc.constant('completed'), output_json: json, output_text: text, route: fc.constantFrom(...ROUTES), state_updates: jsonObject },
      { requiredKeys: ['status', 'output_json', 'output_text'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ status: fc.constant('failed'), error }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { status: 'waiting', wait: { for: 'human_task', detail: { task_id: 't1' } } },
      { status: 'waiting', wait: { for: 'signal', detail: { signal: NAMES[0] }, due_at: DUE } },
    ),
  },
) as fc.Arbitrary<NodeOutcome>;

/** Something that happens to a run: `pick` chooses one of the nodes that it can happen to. */
const step = fc.record({
  happens: fc.constantFrom('record', 'record', 'record', 'timer', 'timer', 'resume', 'signal', 'recover', 'resolve', 'cancel'),
  pick: fc.nat(20),
  outcome,
  payload: jsonObject,
  name: fc.constantFrom(...NAMES),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const nodeType = fc.constantFrom(
  ['pure', {}],
  ['pure', { route: ROUTES[0], set: { n: 1 } }],
  ['effect', {}, { retry: { max_attempts: 3 } }],
  ['effect', { unsafe: true }],
  ['signal', { signal: NAMES[0] }],
  ['signal', { signal: NAMES[1] }],
  ['nobody-knows', {}],
) as fc.Arbitrary<readonly [string, object?, object?]>;

/** What the command of a step is, in a state; null where it can't happen. */
function commandOf({ happens, pick, outcome: result, payload, name }: Step, state: RunState): { type: string; data: object } | null {
  const among = (...statuses: NodeStatus[]) => {
    const ids = Object.keys(state.nodes).filter((id) => statuses.includes(state.nodes[id]?.status ?? 'skipped'));
    const node_id = ids[pick % Math.max(1, ids.length)];
    return node_id === undefined ? null : { node_id, attempt: state.nodes[node_id]?.attempt ?? 1 };
  };
  const on = (type: string, node: ReturnType<typeof among>, data: object) => node && { type, data: { ...node, ...data } };
  switch (happens) {
    case 'record': {
      const node = among('running');
      return node && { type: 'run.record', data: { outcomes: [{ ...node, outcome: result }] } };
    }
    case 'timer':
      return on('run.timer', among('retrying', 'waiting'), {});
    case 'resume':
      return on('run.resume', among('waiting'), { signal: payload });
    case 'signal':
      return { type: 'run.signal', data: { name, payload_json: payload } };
    case 'recover':
      return { type: 'run.recover', data: {} };
    case 'resolve':
      return on('run.resolve_node', among('unknown'), { resolution: (['completed', 'failed', 'retry'] as const)[pick % 3], output_json: payload });
    default:
      return pick === 0 ? { type: 'run.cancel', data: {} } : null;
  }
}

/** Events of one run as they come back from the log: of a random workflow, with random outcomes, signals, crashes and answers of people. */
export const arbitraryRun: fc.Arbitrary<readonly RunEvent[]> = fc
  .record({
    dag: arbitraryDag,
    types: fc.array(nodeType, { minLength: 14, maxLength: 14 }),
    input: jsonObject,
    start: fc.boolean(),
    steps: fc.array(step, { maxLength: 40 }),
  })
  .map(({ dag, types, input, start, steps }) => {
    const program = programOf(
      Object.fromEntries(dag.nodes.map(({ id }, index) => [id, types[index] ?? ['pure']])),
      dag.edges.map(({ source, target, condition }) => (condition === undefined ? [source, target] : [source, target, condition])),
    );
    const entry = dag.nodes.filter(({ id }) => !dag.edges.some(({ target }) => target === id)).map(({ id }) => ({ node_id: id, node_type: 'any' }));
    const pinned = { workflow_id: 'w', workflow_version_id: 'v', number: 1, definition_version: 2 };
    const events: RunEvent[] = [];
    let state = initialRun;
    const run = (type: string, data: object, command_id: string) => {
      const decision = runDecider.decide({ type, data: { ...data, program }, meta: { ...META, command_id } } as unknown as RunCommand, state);
      if (isRejection(decision)) return;
      const recorded = JSON.parse(JSON.stringify(decision)) as RunEvent[];
      events.push(...recorded);
      state = evolveAllOfRun(state, recorded);
    };
    run('run.create', { pinned, entry, start, input }, 'create');
    if (!start) run('run.start', {}, 'start');
    run('run.advance', {}, 'begin');
    steps.forEach((one, index) => {
      const command = commandOf(one, state);
      if (command) run(command.type, command.data, `c${index}`);
      run('run.advance', {}, `a${index}`);
    });
    return events;
  });
