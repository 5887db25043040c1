import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { SkillConfig } from '@agent-platform/contracts/nodes/skill.config';
import { deterministicUuid } from '@agent-platform/kernel/index';
import { z } from 'zod';
import type { EffectNode, NodeOutcome } from './node.ts';
import { attempt, failed, nodeError } from './outcome.ts';
import { asText, renderFields, templateProblems } from './render.ts';
import { skillSignal } from './skill.signal.ts';

/** Data of skill_run.create. The run belongs to the attempt that asked for it, which is so the one that it answers. */
type Request = JsonObject & { skill_run_id: string };

/** What the end of a skill run tells. */
const End = z.object({
  status: z.enum(['completed', 'failed', 'cancelled']),
  output_json: z.json().default(null),
  output_text: z.string().nullable().default(null),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
  reason: z.string().nullish(),
});

const waiting = ({ skill_run_id }: Request): NodeOutcome => ({
  status: 'waiting',
  wait: { for: 'signal', detail: { signal: skillSignal(skill_run_id), skill_run_id } },
});

export const skillNode: EffectNode<SkillConfig, Request> = {
  types: ['skill'],
  kind: 'effect',
  summary: 'Runs a skill and waits for its result.',
  config: SkillConfig,
  check: ({ input, scope_id }) => templateProblems({ input, scope_id }),
  request({ input, scope_id, ...config }, scope) {
    const rendered = renderFields({ input, scope_id }, scope);
    if ('failed' in rendered) return rendered;
    const { run, current } = scope;
    const parent = { run_id: run.id, node_id: current.node_id, attempt: current.attempt ?? 1 };
    const given = Object.entries(config).filter((field): field is [string, string | number] => field[1] !== undefined);
    return {
      ...Object.fromEntries(given),
      skill_run_id: deterministicUuid(`skill_run/${run.workspace_id}/${run.id}/${current.node_id}/${parent.attempt}`),
      input_json: rendered.value['input'] ?? {},
      ...(scope_id !== undefined && { scope_id: asText(rendered.value['scope_id']) }),
      parent,
    };
  },
  // The run's id and the command's id come from the attempt, so asking twice in one makes one run.
  onUnknown: () => 'repeat',
  perform: (request, _, context) =>
    attempt(context, async () => {
      const commandId = deterministicUuid(`command/skill_run.create/${context.stream.workspace_id}/${request.skill_run_id}`);
      await context.command('skill_run.create', context.stream.workspace_id, request, commandId);
      return waiting(request);
    }),
  resume(_request, signal) {
    const end = End.safeParse(signal['payload']);
    if (!end.success) return failed(nodeError('resume-invalid', 'The end of a skill run has a "status"; only the platform sends it.'));
    const { status, output_json, output_text, error, reason } = end.data;
    if (status === 'completed') return { status: 'completed', output_json, output_text };
    return failed(
      status === 'failed'
        ? nodeError(error?.code ?? 'skill-failed', error?.message ?? 'The skill failed.')
        : nodeError('skill-cancelled', `The skill run was cancelled${reason ? `: ${reason}` : ''}.`),
    );
  },
};
