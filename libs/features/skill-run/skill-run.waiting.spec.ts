import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { humanTaskIds } from '@agent-platform/nodes/human-task.ids';
import { describe, expect, test } from 'vitest';
import { skillRunFeature } from './index.ts';
import { skillRunDecider } from './skill-run.decider.ts';
import { withdrawOpen } from './skill-run.policies.ts';
import type { SkillRunCommand, SkillRunEvent, StepStarted } from './skill-run.state.ts';
import { programOf } from './testing/program.ts';

/** Steps that wait: for their next attempt, or for a person. */
const { given } = specFor(skillRunDecider);
const NOW = '2026-01-01T00:00:00.000Z';
const begun: readonly SkillRunEvent[] = [
  {
    type: 'skill_run.created',
    data: {
      skill_id: 's1',
      skill_version_id: 'v1',
      number: 1,
      runtime_type: 'tool',
      input_json: {},
      installation_id: null,
      parent: null,
      timeout_seconds: 60,
      held: false,
    },
  },
  { type: 'skill_run.started', data: { due_at: '2026-01-01T00:01:00.000Z' } },
];
const step = (data: Pick<StepStarted, 'request'> & Partial<StepStarted>): SkillRunEvent => ({
  type: 'skill_run.step_started',
  data: { index: 0, step_id: 'a', kind: 'tool', key: 'acme/skill_run/it/a', ...data },
});
const failed = (code: string, message: unknown, attempt: object = {}) => [
  { type: 'skill_run.failed', data: { error: { code, message }, child_run_id: null, parent: null, step: { index: 0, step_id: 'a', ...attempt } } },
];
const retry = { max_attempts: 3, delay_ms: 1000, factor: 3, max_delay_ms: 2000 };
const tools = programOf({ runtime: 'tool', steps: [{ id: 'a', config: { url: 'unsafe', timeout_seconds: 30 }, retry }] });
const record = (outcome: object, attempt = 1) =>
  ({ type: 'skill_run.record', data: { program: tools, index: 0, attempt, outcome } }) as unknown as Pick<SkillRunCommand, 'type' | 'data'>;
const advance = { type: 'skill_run.advance', data: { program: tools } } as const;
const recover = { type: 'skill_run.recover', data: { program: tools } } as const;
const cancel = { type: 'skill_run.cancel', data: { skill_run_id: 'it', reason: 'enough' } } as const;

describe('a step that fails for a reason that may pass', () => {
  const request = { url: 'unsafe', timeout_seconds: 30 };
  const first = step({ request });
  const away = { status: 'failed', error: { code: 'away', message: 'no answer', retryable: true } };
  const due = (attempt: number, seconds: number): SkillRunEvent => ({
    type: 'skill_run.step_retry_scheduled',
    data: {
      index: 0,
      step_id: 'a',
      attempt,
      due_at: new Date(Date.parse(NOW) + seconds * 1000).toISOString(),
      error: { code: 'away', message: 'Step "a": no answer' },
    },
  });
  const second = step({ request, attempt: 2 });
  const third = step({ request, attempt: 3 });
  const timerOf = (attempt: number) => ({ type: 'skill_run.retry', data: { program: tools, index: 0, attempt } }) as const;
  test('is tried again, later each time and not for ever, under the key it had', () => {
    given(...begun, first)
      .when(record(away))
      .then(due(2, 1));
    given(...begun, first, due(2, 1))
      .when(timerOf(2))
      .then(second);
    given(...begun, first, due(2, 1), second)
      .when(record(away, 2))
      .then(due(3, 2));
    expect(given(...begun, first, due(2, 1), second, due(3, 2), third).when(record(away, 3)).decision).toEqual(
      failed('away', 'Step "a": no answer', { attempt: 3 }),
    );
    expect(given(...begun, first).when(record({ status: 'failed', error: { ...away.error, retryable: false } })).decision).toMatchObject(
      failed('away', expect.any(String)),
    );
  });
  test('is named by the end of the run while it waits for its timer, and when it can not be begun', () => {
    expect(given(...begun, first, due(2, 1)).when(cancel).decision).toMatchObject([{ data: { step: { index: 0, step_id: 'a', attempt: 2 } } }]);
    const failing = { ...tools, steps: { ...tools.steps, ask: () => ({ failed: { code: 'tool-unknown', message: 'no', retryable: false } }) } };
    const unbegun = given(...begun).when({ type: 'skill_run.advance', data: { program: failing as unknown as typeof tools } });
    expect(unbegun.decision).toEqual(failed('tool-unknown', 'Step "a": no'));
  });
  test('names its attempt when it is done, or a person is asked about it', () => {
    const again = [...begun, first, due(2, 1), second];
    const completed = { status: 'completed', output_json: 1, output_text: null };
    expect(given(...again).when(record(completed, 2)).decision).toMatchObject([{ type: 'skill_run.step_completed', data: { attempt: 2 } }, {}]);
    const waits = { status: 'waiting', wait: { for: 'human_task', detail: { task_id: 't' } } };
    expect(given(...again).when(record(waits, 2)).decision).toMatchObject([{ type: 'skill_run.step_asked', data: { attempt: 2 } }]);
  });
  test('waits for its timer alone: nothing else begins it, no late timer or result does anything', () => {
    given(...begun, first, due(2, 1))
      .when(advance)
      .then();
    given(...begun, first, due(2, 1))
      .when(recover)
      .then();
    given(...begun, first, due(2, 1))
      .when(record(away))
      .then();
    given(...begun, first, due(2, 1), second)
      .when(timerOf(2))
      .then();
    given(...begun, first, due(2, 1), second)
      .when(record(away))
      .then();
    given(...begun, first, due(2, 1), { type: 'skill_run.cancelled', data: { reason: null, child_run_id: null, parent: null } })
      .when(timerOf(2))
      .then();
    expect(skillRunFeature.timers?.(due(2, 1), { workspace_id: 'acme', category: 'skill_run', stream_id: 'it' })).toMatchObject([
      { payload: { step: 0, attempt: 2 } },
    ]);
  });
});

describe('a step that a person has to approve', () => {
  const request = { url: 'unsafe', timeout_seconds: 30, approval: { approved_by: null, node_run_id: 'it:a:1' } };
  const { task_id } = humanTaskIds('acme', 'it:a:1');
  const asking = step({ request });
  const waits = record({ status: 'waiting', wait: { for: 'human_task', detail: { task_id } } });
  const wasAsked: SkillRunEvent = { type: 'skill_run.step_asked', data: { index: 0, step_id: 'a', task_id } };
  const answer = (status: string) => ({ type: 'skill_run.answered', data: { program: tools, task_id, step_id: 'a', attempt: 1, signal: { status } } }) as const;
  const approved = step({ request: { ...request, approval: { approved_by: 'ada' } } });
  test('waits for the person, whoever takes it over meanwhile, and is done when it may be', () => {
    given(...begun, asking)
      .when(waits)
      .then(wasAsked);
    given(...begun, asking, wasAsked)
      .when(recover)
      .then();
    given(...begun, asking, wasAsked)
      .when(answer('approved'))
      .then(approved);
    given(...begun, asking, wasAsked, approved)
      .when(answer('approved'))
      .then();
    expect(given(...begun, asking, wasAsked, approved).when(recover).decision).toMatchObject(failed('skill-outcome-unknown', expect.any(String)));
  });
  test('that says no fails the run; one that is quicker than the record comes again', () => {
    expect(given(...begun, asking, wasAsked).when(answer('rejected')).decision).toEqual(failed('tool-not-approved', expect.any(String)));
    given(...begun, asking)
      .when(answer('approved'))
      .thenRejected('skill-run-not-waiting-yet');
    for (const other of [{ step_id: 'b' }, { attempt: 2 }, { task_id: 't2' }])
      given(...begun, asking, wasAsked)
        .when({ ...answer('approved'), data: { ...answer('approved').data, ...other } })
        .then();
  });
  test('is not asked about any more when the run ends', () => {
    const cancelled = { reason: 'enough', child_run_id: null, parent: null, task_id, step: { index: 0, step_id: 'a' } };
    given(...begun, asking, wasAsked)
      .when(cancel)
      .then({ type: 'skill_run.cancelled', data: cancelled });
    expect(withdrawOpen.react({ type: 'skill_run.cancelled', data: cancelled } as unknown as Parameters<typeof withdrawOpen.react>[0])).toMatchObject([
      { type: 'human_task.withdraw', data: { task_id } },
    ]);
  });
});
