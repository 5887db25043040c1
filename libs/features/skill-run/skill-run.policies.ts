import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import type { Policy } from '@agent-platform/kernel/index';
import { skillSignal } from '@agent-platform/nodes/skill.signal';

const ends = ['skill_run.completed', 'skill_run.failed', 'skill_run.cancelled'].map((type) => ({ category: 'skill_run', type }));

/** The node of a workflow run that waits for the result is told, by a signal to its run. */
export const tellParent: Policy = {
  triggers: ends,
  react({ type, stream_id, data }: EventEnvelope) {
    const parent = data['parent'] as { readonly run_id: string } | null | undefined;
    if (!parent) return [];
    const { output_json = null, output_text = null, error = null, reason = null } = data;
    const payload_json = { status: type.slice('skill_run.'.length), output_json, output_text, error, reason };
    return [{ type: 'run.signal', data: { run_id: parent.run_id, name: skillSignal(stream_id), payload_json } }];
  },
};

/** When a run, or an attempt of a step, ends before the workflow run or the person that it waits for, nobody needs them any more. */
export const withdrawOpen: Policy = {
  triggers: [...ends.slice(1), { category: 'skill_run', type: 'skill_run.step_retry_scheduled' }],
  react({ type, data }: EventEnvelope) {
    const { child_run_id: run_id = null, task_id = null } = data;
    const reason = type.replace(/[._]/g, ' ');
    return [
      ...(run_id === null ? [] : [{ type: 'run.withdraw', data: { run_id, reason } }]),
      ...(task_id === null ? [] : [{ type: 'human_task.withdraw', data: { task_id, reason } }]),
    ];
  },
};
