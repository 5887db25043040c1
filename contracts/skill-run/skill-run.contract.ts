import { z } from 'zod';
import { defineContract, GetParams, Id, JsonObject, JsonValue, pageOf, PageParams, Time } from '../kit/index.ts';
import { RuntimeType } from '../skill/implementation.ts';
import { InstallScope, ScopeId } from '../skill-installation/skill-installation.contract.ts';

export const SkillRunStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']);

/** Why a skill run failed: a stable code and a sentence. */
const SkillRunError = z
  .object({
    code: z.string(),
    message: z.string(),
    detail: JsonObject.optional().meta({ description: 'What else is known of the failure, e.g. the status of an HTTP answer, or what code ran in' }),
  })
  .meta({ id: 'SkillRunError' });

/** Shorter than an id by what the name of its child run has more. */
const SkillRunId = Id.refine((id) => id.length <= 61, 'must have at most 61 characters');

/** The node of a workflow run that waits for the result. */
const Parent = z.strictObject({ run_id: Id, node_id: Id, attempt: z.int().min(1) });

const step = { index: z.int().min(0), step_id: Id };
/** Absent: the first attempt. */
const attempt = { attempt: z.int().min(2).optional() };
const result = { output_json: JsonValue, output_text: z.string().nullable() };
const child = {
  child_run_id: Id.nullable(),
  parent: Parent.nullable(),
  task_id: Id.optional().meta({ description: 'The question to a person that nobody answered' }),
  step: z
    .object({ ...step, ...attempt })
    .optional()
    .meta({ description: 'The step that was under way, waited to be tried again, or could not be begun' }),
};

const events = {
  'skill_run.created': {
    summary: 'A run of a skill was accepted; its version is pinned.',
    version: 1,
    data: z.object({
      skill_id: Id,
      skill_version_id: Id,
      number: z.int(),
      runtime_type: RuntimeType,
      input_json: JsonObject,
      installation_id: Id.nullable(),
      parent: Parent.nullable(),
      timeout_seconds: z.number(),
      /** Waits for skill_run.execute. */
      held: z.boolean(),
    }),
  },
  'skill_run.released': { summary: 'Somebody asked for a held run to be executed.', version: 1, data: z.object({ worker_key: z.string().nullable() }) },
  'skill_run.started': {
    summary: 'An executor began the run.',
    version: 1,
    data: z.object({ due_at: Time.nullable().meta({ description: 'When it is given up; null: it ends at once' }) }),
  },
  'skill_run.step_started': {
    summary: 'The intent of an effect: the request is in the log before the call.',
    version: 1,
    data: z.object({
      ...step,
      kind: z.enum(['llm', 'tool', 'code', 'workflow']),
      /** Idempotency key. */
      key: z.string(),
      request: JsonValue,
      /** How often it was begun again after a crash. */
      recovered: z.int().optional(),
      ...attempt,
    }),
  },
  'skill_run.step_waiting': { summary: 'A child run was started, and is waited for.', version: 1, data: z.object({ ...step, child_run_id: Id }) },
  'skill_run.step_asked': { summary: 'A person was asked about a step, and is waited for.', version: 1, data: z.object({ ...step, ...attempt, task_id: Id }) },
  'skill_run.step_retry_scheduled': {
    summary: 'A step failed and is tried again when its timer is due.',
    version: 1,
    data: z.object({ ...step, attempt: z.int().min(2), due_at: Time, error: SkillRunError, task_id: child.task_id }),
  },
  'skill_run.step_completed': { summary: 'A step ended with a result.', version: 1, data: z.object({ ...step, ...attempt, ...result }) },
  'skill_run.completed': { summary: 'The run ended with a result.', version: 1, data: z.object({ ...result, parent: Parent.nullable() }) },
  'skill_run.failed': { summary: 'The run failed.', version: 1, data: z.object({ error: SkillRunError, ...child }) },
  'skill_run.cancelled': { summary: 'Somebody cancelled the run.', version: 1, data: z.object({ reason: z.string().nullable(), ...child }) },
} as const;

export const SkillRunView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    status: SkillRunStatus,
    skill_id: Id,
    skill_version_id: Id,
    number: z.int().meta({ description: 'Of the version' }),
    runtime_type: RuntimeType,
    input_json: JsonObject,
    installation_id: Id.nullable(),
    parent: Parent.nullable(),
    child_run_id: Id.nullable().meta({ description: 'The workflow run that carries it out' }),
    output_text: z.string().nullable(),
    output_json: JsonValue,
    error: SkillRunError.nullable(),
    worker_key: z.string().nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    started_at: Time.nullable(),
    ended_at: Time.nullable(),
  })
  .meta({ id: 'SkillRun' });

const run = { skill_run_id: Id };

export const skillRunContract = defineContract({
  category: 'skill_run',
  events,
  commands: {
    'skill_run.create': {
      summary: 'Run a skill in its published version. With a scope the skill must be installed for it, and enabled.',
      target: 'skill_run_id',
      creates: true,
      data: z
        .strictObject({
          skill_run_id: SkillRunId.optional(),
          skill_id: Id.optional(),
          skill_code: z.string().max(100).optional().meta({ description: 'Instead of skill_id' }),
          skill_version_id: Id.optional().meta({ description: 'Another version than the published one' }),
          input_json: JsonObject.default({}),
          install_scope: InstallScope.optional(),
          scope_id: ScopeId.optional(),
          timeout_seconds: z.number().positive().max(31_536_000).default(3600),
          auto_execute: z.boolean().default(true).meta({ description: 'false: the run waits for /execute' }),
          parent: Parent.optional().meta({ description: 'A node of a workflow run that waits for the result' }),
        })
        .refine(({ skill_id, skill_code }) => (skill_id === undefined) !== (skill_code === undefined), {
          path: ['skill_id'],
          message: 'give either "skill_id" or "skill_code"',
        }),
      example: { skill_id: 'hello-user', input_json: { name: 'Lucas' } },
    },
    'skill_run.execute': {
      summary: 'Execute a run that waits for it; one that is executed already stays as it is.',
      target: 'skill_run_id',
      data: z.strictObject({ ...run, worker_key: z.string().min(1).max(200).optional(), lease_seconds: z.number().positive().optional() }),
      example: { skill_run_id: 'skill-run-1', worker_key: 'skill-worker-1' },
    },
    'skill_run.cancel': {
      summary: 'Cancel a run: its child run and its question to a person are cancelled too, late results change nothing.',
      target: 'skill_run_id',
      data: z.strictObject({ ...run, reason: z.string().max(1000).optional() }),
      example: { skill_run_id: 'skill-run-1', reason: 'not needed any more' },
    },
    'skill_run.withdraw': {
      summary: 'Cancel a run that nobody needs any more; one that is still to be created will not be.',
      target: 'skill_run_id',
      internal: true,
      data: z.strictObject({ ...run, reason: z.string().max(1000) }),
      example: { skill_run_id: 'skill-run-1', reason: 'run cancelled' },
    },
  },
  queries: {
    'skill_run.get': { summary: 'One run of a skill.', params: z.object({ ...run, ...GetParams }), result: SkillRunView },
    'skill_run.list': {
      summary: 'Runs of skills, newest first.',
      params: z.object({ ...PageParams, skill_id: Id.optional(), skill_version_id: Id.optional(), status: SkillRunStatus.optional() }),
      result: pageOf(SkillRunView),
    },
  },
  routes: [
    { method: 'POST', path: '/skills/runs', command: 'skill_run.create', status: 201 },
    { method: 'GET', path: '/skills/runs', query: 'skill_run.list' },
    { method: 'GET', path: '/skills/runs/{skill_run_id}', query: 'skill_run.get' },
    { method: 'POST', path: '/skills/runs/{skill_run_id}/execute', command: 'skill_run.execute' },
    { method: 'POST', path: '/skills/runs/{skill_run_id}/cancel', command: 'skill_run.cancel' },
  ],
});
