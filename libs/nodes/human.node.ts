import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { HumanConfig } from '@agent-platform/contracts/nodes/human.config';
import { z } from 'zod';
import { humanTaskIds } from './human-task.ids.ts';
import { instantAfter } from './instant.ts';
import type { EffectNode, NodeEnd } from './node.ts';
import { attempt, failed, nodeError } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';

/** Data of human_task.create, but for the id of the task, which comes from the attempt: a task answers the attempt that asked. */
type Request = {
  kind: HumanConfig['kind'];
  title: string;
  description?: string;
  assignee?: string;
  candidates?: string[];
  payload_json: JsonObject;
  form_json?: JsonObject;
  run_id: string;
  node_run_id: string;
  due_at?: string;
};

const Answer = z.object({
  status: z.enum(['approved', 'rejected', 'cancelled']),
  response_payload_json: z.record(z.string(), z.json()).nullish(),
  completed_by: z.string().nullish(),
});

/** Approval goes on anyhow; the other answers need an edge of their own. */
function answered(answer: z.output<typeof Answer>): NodeEnd {
  const { status, completed_by } = answer;
  const payload = answer.response_payload_json ?? {};
  const result = {
    status: 'completed',
    output_json: { ...payload, status, completed_by: completed_by ?? null },
    output_text: typeof payload['text'] === 'string' ? payload['text'] : null,
    route: status,
  } as const;
  return status === 'approved'
    ? result
    : { ...result, fail_without_route: nodeError(`human-task-${status}`, `The task was ${status} by ${completed_by ?? 'somebody'}.`) };
}

const overdue: NodeEnd = {
  status: 'completed',
  output_json: { status: 'timed_out' },
  output_text: null,
  route: 'timed_out',
  fail_without_route: nodeError('human-task-overdue', 'Nobody completed the task in time.'),
};

export const humanNode: EffectNode<HumanConfig, Request> = {
  types: ['human'],
  kind: 'effect',
  summary: 'Asks a person and waits for the answer.',
  config: HumanConfig,
  routes: () => ['approved', 'rejected', 'cancelled', 'timed_out'],
  check: ({ title, description, assignee, candidates, payload }) => templateProblems({ title, description, assignee, candidates, payload }),
  request({ kind, title, description, assignee, candidates, payload, form, due_in_seconds }, scope) {
    const rendered = renderFields({ title, description, assignee, candidates, payload }, scope);
    if ('failed' in rendered) return rendered;
    if (due_in_seconds !== undefined && scope.now === undefined) {
      return { failed: nodeError('clock-missing', 'The node was asked for without the time of its command (scope.now).') };
    }
    const { value } = rendered;
    const people = value['candidates'];
    return {
      kind,
      title: asText(value['title']),
      ...(description !== undefined && { description: asText(value['description']) }),
      ...(assignee !== undefined && { assignee: asText(value['assignee']) }),
      ...(Array.isArray(people) && { candidates: people.map(asText) }),
      payload_json: value['payload'] as JsonObject,
      ...(form && { form_json: form }),
      run_id: scope.run.id,
      node_run_id: `${scope.run.id}:${scope.current.node_id}:${scope.current.attempt ?? 1}`,
      ...(due_in_seconds !== undefined && scope.now !== undefined && { due_at: instantAfter(scope.now, due_in_seconds) }),
    };
  },
  // The task's id and the command's id come from the attempt, so asking twice in one makes one task.
  onUnknown: () => 'repeat',
  async perform(request, _, context) {
    const { task_id, command_id } = humanTaskIds(context.stream.workspace_id, request.node_run_id);
    return attempt(context, async () => {
      await context.command('human_task.create', context.stream.workspace_id, { task_id, ...request }, command_id);
      return { status: 'waiting', wait: { for: 'human_task', detail: { task_id }, ...(request.due_at !== undefined && { due_at: request.due_at }) } };
    });
  },
  resume(_, signal) {
    if (signal['timed_out'] === true) return overdue;
    const answer = Answer.safeParse(signal);
    if (answer.success) return answered(answer.data);
    return failed(nodeError('resume-invalid', 'The answer to a task has a "status" (approved, rejected, cancelled) and an object "response_payload_json".'));
  },
};
