import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { skillRunFeature } from './index.ts';
import { skillRunDecider } from './skill-run.decider.ts';
import { withdrawOpen, tellParent } from './skill-run.policies.ts';
import { skillRunProjection } from './skill-run.projection.ts';
import type { Created, SkillRunCommand, SkillRunEvent, StepStarted } from './skill-run.state.ts';
import { programOf } from './testing/program.ts';

const { given } = specFor(skillRunDecider);
const pinned: Created = {
  skill_id: 's1',
  skill_version_id: 'v1',
  number: 1,
  runtime_type: 'template',
  input_json: { name: 'Lucas' },
  installation_id: null,
  parent: null,
  timeout_seconds: 60,
  held: false,
};
const created = (more: Partial<Created> = {}): SkillRunEvent => ({ type: 'skill_run.created', data: { ...pinned, ...more } });
const started = (due_at: string | null = '2026-01-01T00:01:00.000Z'): SkillRunEvent => ({ type: 'skill_run.started', data: { due_at } });
const step = (data: Pick<StepStarted, 'step_id' | 'kind' | 'request'> & Partial<StepStarted>): SkillRunEvent => ({
  type: 'skill_run.step_started',
  data: { index: 0, key: `acme/skill_run/it/${data.step_id}`, ...data },
});
const completed = (output: string): SkillRunEvent => ({ type: 'skill_run.completed', data: { output_json: output, output_text: output, parent: null } });
const failed = (code: string, message: unknown, child_run_id: string | null = null) => [
  { type: 'skill_run.failed', data: { error: { code, message }, child_run_id, parent: null } },
];

const hello = programOf({ runtime: 'template', template: 'Hello $name' });
const prompt = programOf({ runtime: 'prompt', prompt: 'Greet $name', instructions: 'Cost: $5', system_prompt: 'Be $mood' });
const workflow = programOf({ runtime: 'workflow', workflow_id: 'w1', workflow_version_id: undefined });
const call = (id: string, url: string) => ({ id, config: { url, timeout_seconds: 30 } });
const tools = programOf({ runtime: 'tool', steps: [call('a', 'safe'), call('b', 'unsafe')] });
const asked = step({
  step_id: 'prompt',
  kind: 'llm',
  request: {
    messages: [
      { role: 'system', content: 'Cost: $5' },
      { role: 'user', content: 'Greet Lucas' },
    ],
  },
});
const child = step({ step_id: 'workflow', kind: 'workflow', request: { run_id: 'sr-it', workflow_id: 'w1', input: { name: 'Lucas' } } });
const waiting: SkillRunEvent = { type: 'skill_run.step_waiting', data: { index: 0, step_id: 'workflow', child_run_id: 'sr-it' } };
const inWorkflow = [created({ runtime_type: 'workflow' }), started(), child];

const advance = (program = hello) => ({ type: 'skill_run.advance', data: { program } }) as const;
const recover = (program = hello) => ({ type: 'skill_run.recover', data: { program } }) as const;
const record = (outcome: object, program = prompt, index = 0) =>
  ({ type: 'skill_run.record', data: { program, index, attempt: 1, outcome } }) as unknown as Pick<SkillRunCommand, 'type' | 'data'>;
const childEnded = (how: string, end: object, child_run_id = 'sr-it') =>
  ({ type: 'skill_run.child_ended', data: { program: workflow, child_run_id, how, end } }) as unknown as Pick<SkillRunCommand, 'type' | 'data'>;
const execute = (more: object = {}) => ({ type: 'skill_run.execute', data: { skill_run_id: 'it', ...more } }) as const;
const cancel = { type: 'skill_run.cancel', data: { skill_run_id: 'it', reason: 'enough' } } as const;
const timer = { type: 'skill_run.timer', data: { program: prompt } } as const;

describe('a template', () => {
  test('is filled in the decision that begins the run', () => {
    given(created()).when(advance()).then(started(null), completed('Hello Lucas'));
  });
  test('that waits for /execute is left alone, and executed by it', () => {
    given(created({ held: true }))
      .when(advance())
      .then();
    given(created({ held: true }))
      .when(execute({ worker_key: 'w', program: hello }))
      .then({ type: 'skill_run.released', data: { worker_key: 'w' } }, started(null), completed('Hello Lucas'));
    given(created()).when(execute({})).then();
    given().when(execute({})).thenRejected('skill-run-not-found');
  });
  test('that lacks a parameter fails the run', () =>
    expect(given(created({ input_json: {} })).when(advance()).decision).toMatchObject([
      {},
      ...failed('skill-parameter-missing', expect.stringContaining('"name"')),
    ]));
});

describe('a prompt', () => {
  const open = programOf({ runtime: 'prompt', prompt: 'Greet $name', instructions: 'Cost: $5' });
  const history = [created({ runtime_type: 'prompt' }), started(), asked];
  test('is asked for by an event, and answered by another', () => {
    given(created({ runtime_type: 'prompt' }))
      .when(advance(open))
      .then(started(), asked);
    given(...history)
      .when(record({ status: 'completed', output_json: {}, output_text: 'Hi' }))
      .then({ type: 'skill_run.step_completed', data: { index: 0, step_id: 'prompt', output_json: {}, output_text: 'Hi' } }, completed('Hi'));
    expect(given(created({ runtime_type: 'prompt' })).when(advance(prompt)).decision).toMatchObject([
      {},
      ...failed('skill-parameter-missing', expect.any(String)),
    ]);
  });
  test('that fails, waits or takes too long fails the run; what comes late changes nothing', () => {
    const bad = record({ status: 'failed', error: { code: 'model-unavailable', message: 'away', retryable: true } });
    expect(given(...history).when(bad).decision).toMatchObject(failed('model-unavailable', 'Step "prompt": away'));
    expect(given(...history).when(record({ status: 'waiting', wait: { for: 'human_task', detail: {} } })).decision).toMatchObject(
      failed('skill-step-waits', expect.any(String)),
    );
    expect(given(...history).when(timer).decision).toMatchObject(failed('skill-run-timeout', expect.any(String)));
    given(...history, { type: 'skill_run.cancelled', data: { reason: null, child_run_id: null, parent: null } })
      .when(bad)
      .then();
    given(...history)
      .when(record({ status: 'completed', output_json: null, output_text: 'x' }, prompt, 1))
      .then();
  });
  test('is begun again under the same key after a crash, but not for ever', () => {
    expect(given(...history).when(recover(open)).decision).toEqual([{ ...asked, data: { ...asked.data, recovered: 1 } }]);
    const often = step({ ...(asked.data as StepStarted), recovered: 10 });
    expect(given(...history, often).when(recover(open)).decision).toMatchObject(failed('crash-loop', expect.any(String)));
  });
});

describe('a tool chain', () => {
  const history = [created({ runtime_type: 'tool' }), started(), step({ step_id: 'a', kind: 'tool', request: { url: 'safe', timeout_seconds: 30 } })];
  const first: SkillRunEvent = { type: 'skill_run.step_completed', data: { index: 0, step_id: 'a', output_json: 1, output_text: null } };
  const second = step({ index: 1, step_id: 'b', kind: 'tool', request: { url: 'unsafe', timeout_seconds: 30 } });
  test('goes from step to step, each with a key of its own, and ends with the last', () => {
    given(...history)
      .when(record({ status: 'completed', output_json: 1, output_text: null }, tools))
      .then(first, second);
    given(...history, first, second)
      .when(record({ status: 'completed', output_json: 2, output_text: null }, tools, 1))
      .then(
        { type: 'skill_run.step_completed', data: { index: 1, step_id: 'b', output_json: 2, output_text: null } },
        { type: 'skill_run.completed', data: { output_json: 2, output_text: null, parent: null } },
      );
  });
  test('never calls a second time what must not be repeated', () => {
    expect(given(...history, first, second).when(recover(tools)).decision).toMatchObject(failed('skill-outcome-unknown', expect.any(String)));
  });
});

describe('a workflow', () => {
  const end = { output_json: { n: 1 }, output_text: null };
  test('is a child run, and waits for its end', () => {
    given(created({ runtime_type: 'workflow' }))
      .when(advance(workflow))
      .then(started(), child);
    given(...inWorkflow)
      .when(record({ status: 'waiting', wait: {} }, workflow))
      .then(waiting);
    given(...inWorkflow, waiting)
      .when(childEnded('run.completed', end))
      .then(
        { type: 'skill_run.step_completed', data: { index: 0, step_id: 'workflow', ...end } },
        { type: 'skill_run.completed', data: { ...end, parent: null } },
      );
  });
  test('that ends before its start is recorded comes again; another run is none of ours', () => {
    given(...inWorkflow)
      .when(childEnded('run.completed', end))
      .thenRejected('skill-run-not-waiting-yet');
    given(...inWorkflow, waiting)
      .when(childEnded('run.completed', end, 'sr-other'))
      .then();
  });
  test('that fails or is cancelled fails the run', () => {
    const error = { error: { code: 'x', message: 'broken' } };
    expect(given(...inWorkflow, waiting).when(childEnded('run.failed', error)).decision).toMatchObject(
      failed('skill-child-run-failed', expect.stringContaining('broken'), 'sr-it'),
    );
    expect(given(...inWorkflow, waiting).when(childEnded('run.cancelled', {})).decision).toMatchObject(
      failed('skill-child-run-failed', expect.any(String), 'sr-it'),
    );
  });
});

test('cancel says which child to cancel, once; an ended run can not be cancelled', () => {
  given(...inWorkflow, waiting)
    .when(cancel)
    .then({ type: 'skill_run.cancelled', data: { reason: 'enough', child_run_id: 'sr-it', parent: null, step: { index: 0, step_id: 'workflow' } } });
  given(created(), started(null), completed('x')).when(cancel).thenRejected('skill-run-ended');
});

test.each([
  ['"x"', { type: 'string' }, '"x"'],
  ['7', { type: 'number' }, 7],
  ['7', {}, '7'],
])('the text %s for %j is %j', (name, schema, output_json) =>
  expect(given(created({ input_json: { name } })).when(advance(programOf({ runtime: 'template', template: '$name' }, schema))).decision).toMatchObject([
    {},
    { data: { output_json } },
  ]),
);

test('parents are told, children are cancelled', () => {
  const event = (type: string, data: object) => ({ type, data, stream_id: 'it', workspace_id: 'acme' }) as unknown as Parameters<typeof tellParent.react>[0];
  const done = { output_json: 1, output_text: null, parent: { run_id: 'r1', node_id: 'n', attempt: 1 } };
  expect(tellParent.react(event('skill_run.completed', done))).toMatchObject([
    { type: 'run.signal', data: { run_id: 'r1', name: 'skill_run it', payload_json: { status: 'completed', output_json: 1 } } },
  ]);
  expect(tellParent.react(event('skill_run.completed', { ...done, parent: null }))).toEqual([]);
  expect(withdrawOpen.react(event('skill_run.failed', { child_run_id: 'sr-it' }))).toMatchObject([{ type: 'run.withdraw', data: { run_id: 'sr-it' } }]);
  expect(withdrawOpen.react(event('skill_run.failed', { child_run_id: null }))).toEqual([]);
});

test('rows have the fields of the view', () => {
  const row = (...history: SkillRunEvent[]) => tablesOf(skillRunProjection, history, { stream_id: 'it' })['skill_runs']?.[0];
  expect(row(...inWorkflow, waiting)).toMatchObject({ status: 'running', child_run_id: 'sr-it', number: 1 });
  expect(row(created(), started(null), completed('x'))).toMatchObject({ status: 'completed', output_text: 'x', version: 3 });
  expect(skillRunFeature.timers?.(started(), { workspace_id: 'acme', category: 'skill_run', stream_id: 'it' })).toMatchObject([
    { due_at: '2026-01-01T00:01:00.000Z' },
  ]);
  expect(skillRunFeature.timers?.(started(null), { workspace_id: 'acme', category: 'skill_run', stream_id: 'it' })).toEqual([]);
});

test('running any command twice never appends twice', () => {
  const create = { type: 'skill_run.create', data: { created: pinned } } as unknown as Pick<SkillRunCommand, 'type' | 'data'>;
  neverAppendsTwice(
    skillRunDecider,
    fc.constantFrom<Pick<SkillRunCommand, 'type' | 'data'>>(create, advance(), advance(tools), execute(), cancel, timer, childEnded('run.completed', {})),
  );
});
