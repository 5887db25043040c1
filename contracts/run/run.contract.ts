import { z } from 'zod';
import { defineContract, Id, JsonObject, JsonValue, Name, pageOf, PageParams, GetParams, Time } from '../kit/index.ts';

export const RunStatus = z.enum(['created', 'running', 'completed', 'failed', 'cancelled']);
export const NodeRunStatus = z.enum(['queued', 'running', 'waiting', 'retrying', 'unknown', 'completed', 'failed', 'skipped', 'cancelled']);

/** Why a node or a run failed: a stable code and a sentence. */
export const RunError = z.object({ code: z.string(), message: z.string(), node_id: Id.optional() }).meta({ id: 'RunError' });

const NodeRunError = RunError.extend({
  detail: JsonObject.optional().meta({ description: 'What else is known of the failure, e.g. the status of an HTTP answer, or what code ran in' }),
}).meta({ id: 'NodeRunError' });

const InitialNode = z.strictObject({ node_id: Id, node_type: z.string().min(1).max(64) });
const Wait = z.object({ for: z.enum(['human_task', 'signal', 'timer']), detail: JsonObject });
const node = { node_id: Id, node_type: z.string() };
const attempt = { ...node, attempt: z.int().min(1) };

/** The pinned workflow version a run executes: where its definition lies in the log. */
export const PinnedWorkflow = z.object({
  workflow_id: Id,
  workflow_version_id: Id,
  number: z.int(),
  /** Version, in the workflow's stream, of the event that holds the definition. */
  definition_version: z.int(),
});
export type PinnedWorkflow = z.output<typeof PinnedWorkflow>;

/** What nodes asked others for and nobody needs any more: it is cancelled too, also when it is still to be made. */
const open = { open_tasks: z.array(Id), open_skill_runs: z.array(Id).optional() };
/** Nodes that had not ended when their run did, each in its newest attempt: they end with it. Absent when there were none. */
const openNodes = { open_nodes: z.array(z.object(attempt)).optional() };
const ofAttempt = { open_tasks: open.open_tasks.optional(), open_skill_runs: open.open_skill_runs };

const events = {
  'run.created': {
    summary: 'A run was accepted; its workflow version is pinned.',
    version: 1,
    data: z.object({
      workflow: PinnedWorkflow,
      app_id: Id.nullable(),
      app_version_id: Id.nullable(),
      session_id: Id.nullable(),
      input: JsonObject,
      /** Nodes to queue first: those without an incoming edge, or the one the caller named. */
      entry: z.array(z.object({ node_id: Id, node_type: z.string() })),
      initial_node: InitialNode.nullable(),
      /** Waits for run.start. */
      held: z.boolean(),
    }),
  },
  'run.started': { summary: 'A held run was started.', version: 1, data: z.object({}) },
  'node.queued': {
    summary: 'A node is ready: it begins when an executor gets to it, often in the same commit.',
    version: 1,
    data: z.object({ ...node, attempt: z.int().optional() }),
  },
  'node.started': {
    summary: 'A node began. For an effect this is the intent: the request is in the log before the call.',
    version: 1,
    data: z.object({
      ...attempt,
      /** Idempotency key of the effect; absent for pure nodes. */
      key: z.string().optional(),
      request: JsonValue.optional(),
      /** How often the effect was begun again after a crash. */
      recovered: z.int().optional(),
    }),
  },
  'node.waiting': {
    summary: 'A node waits for a person, a signal or a time.',
    version: 1,
    data: z.object({ ...attempt, wait: Wait, due_at: Time.optional(), timer_id: z.string().optional() }),
  },
  'node.completed': {
    summary: 'A node ended with a result.',
    version: 1,
    data: z.object({
      ...attempt,
      output_json: JsonValue,
      output_text: z.string().nullable(),
      route: z.string().optional(),
      state_updates: JsonObject.optional(),
      /** The kept signal that completed it. */
      signal_id: z.string().optional(),
    }),
  },
  'node.failed': { summary: 'A node failed for good.', version: 1, data: z.object({ ...attempt, error: NodeRunError }) },
  'node.retry_scheduled': {
    summary: 'A node failed and will be tried again; `attempt` is the coming one.',
    version: 1,
    data: z.object({ ...attempt, due_at: Time, timer_id: z.string(), error: NodeRunError, ...ofAttempt }),
  },
  'node.outcome_unknown': {
    summary: 'A process died between asking for an effect that must not be repeated and hearing of its outcome.',
    version: 1,
    data: z.object({ ...attempt, key: z.string() }),
  },
  'node.resolved': {
    summary: 'A person said what became of an effect whose outcome was unknown. Wakes the run.',
    version: 1,
    data: z.object({ ...attempt, resolution: z.enum(['completed', 'failed', 'retry']), reason: z.string().nullable(), ...ofAttempt }),
  },
  'node.skipped': { summary: 'No followed edge leads to the node.', version: 1, data: z.object(node) },
  'run.signalled': {
    summary: 'A signal arrived; it is kept until a node takes it.',
    version: 1,
    data: z.object({ name: z.string(), payload_json: JsonObject, signal_id: z.string() }),
  },
  'run.completed': {
    summary: 'Every node ended.',
    version: 1,
    data: z.object({ output_text: z.string().nullable(), output_json: JsonValue }),
  },
  'run.failed': { summary: 'A node failed, and with it the run.', version: 1, data: z.object({ error: RunError, ...open, ...openNodes }) },
  'run.cancelled': {
    summary: 'Somebody cancelled the run; its open human tasks are cancelled too.',
    version: 1,
    data: z.object({ reason: z.string().nullable(), ...open, ...openNodes }),
  },
} as const;

export const RunView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    status: RunStatus,
    workflow_id: Id,
    workflow_version_id: Id,
    app_id: Id.nullable(),
    app_version_id: Id.nullable(),
    session_id: Id.nullable(),
    input: JsonObject,
    output_text: z.string().nullable(),
    output_json: JsonValue,
    error: RunError.nullable(),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .meta({ id: 'Run' });

export const NodeRunView = z
  .object({
    id: z.string(),
    workspace_id: z.string(),
    run_id: Id,
    node_id: Id,
    node_type: z.string(),
    status: NodeRunStatus,
    attempt: z.int(),
    worker_key: z.string().nullable(),
    request: JsonValue,
    output_text: z.string().nullable(),
    output_json: JsonValue,
    route: z.string().nullable(),
    wait: JsonValue,
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    queued_at: Time.nullable(),
    started_at: Time.nullable(),
    ended_at: Time.nullable(),
  })
  .meta({ id: 'NodeRun' });

const run = { run_id: Id };

export const runContract = defineContract({
  category: 'run',
  events,
  commands: {
    'run.create': {
      summary: 'Create a run of a workflow; without a version the published one is taken.',
      target: 'run_id',
      creates: true,
      data: z.strictObject({
        run_id: Id.optional(),
        workflow_id: Id.optional(),
        workflow_version_id: Id.optional(),
        app_id: Id.optional(),
        app_version_id: Id.optional(),
        session_id: Id.optional(),
        input: JsonObject.optional(),
        /** Older name of `input`; both are merged. */
        context: JsonObject.optional(),
        initial_node: InitialNode.optional(),
        /** false: the run waits for run.start. */
        start: z.boolean().default(true),
      }),
      example: { workflow_id: 'support', input: { ticket: 'My invoice is wrong' } },
    },
    'run.start': { summary: 'Start a held run.', target: 'run_id', data: z.strictObject(run), example: { run_id: 'run-1' } },
    'run.cancel': {
      summary: 'Cancel a run: no further node starts, late results change nothing.',
      target: 'run_id',
      data: z.strictObject({ ...run, reason: z.string().max(1000).optional() }),
      example: { run_id: 'run-1', reason: 'customer withdrew' },
    },
    'run.withdraw': {
      summary: 'Cancel a run that nobody needs any more; one that is still to be created will not be.',
      target: 'run_id',
      internal: true,
      data: z.strictObject({ ...run, reason: z.string().max(1000) }),
      example: { run_id: 'run-1', reason: 'skill_run cancelled' },
    },
    'run.signal': {
      summary: 'Send a named signal to a run.',
      target: 'run_id',
      data: z.strictObject({ ...run, name: Name, payload_json: JsonObject.default({}) }),
      example: { run_id: 'run-1', name: 'paid', payload_json: { amount: 12 } },
    },
    'run.resolve_node': {
      summary: 'Say what became of an effect whose outcome is unknown, or have it tried again.',
      target: 'run_id',
      data: z.strictObject({
        ...run,
        node_id: Id,
        resolution: z.enum(['completed', 'failed', 'retry']),
        output_json: JsonValue.optional(),
        output_text: z.string().optional(),
        reason: z.string().max(1000).optional(),
      }),
      example: { run_id: 'run-1', node_id: 'charge', resolution: 'completed', output_json: { charged: true } },
    },
  },
  queries: {
    'run.get': { summary: 'One run.', params: z.object({ run_id: Id, ...GetParams }), result: RunView },
    'run.list': {
      summary: 'Runs, newest first.',
      params: z.object({
        ...PageParams,
        status: RunStatus.optional(),
        workflow_id: Id.optional(),
        workflow_version_id: Id.optional(),
        session_id: Id.optional(),
      }),
      result: pageOf(RunView),
    },
    'run.nodes': {
      summary: 'Node runs of a run.',
      params: z.object({ run_id: Id, ...PageParams, status: NodeRunStatus.optional() }),
      result: pageOf(NodeRunView),
    },
  },
  routes: [
    { method: 'POST', path: '/runtime/runs', command: 'run.create', status: 201 },
    { method: 'POST', path: '/workflows/{workflow_id}/runs', command: 'run.create', status: 201 },
    { method: 'GET', path: '/runtime/runs', query: 'run.list' },
    { method: 'GET', path: '/runtime/runs/{run_id}', query: 'run.get' },
    { method: 'GET', path: '/runtime/runs/{run_id}/node-runs', query: 'run.nodes' },
    { method: 'POST', path: '/runtime/runs/{run_id}/start', command: 'run.start' },
    { method: 'POST', path: '/runtime/runs/{run_id}/cancel', command: 'run.cancel' },
    { method: 'POST', path: '/runtime/runs/{run_id}/signal', command: 'run.signal' },
    { method: 'POST', path: '/runtime/runs/{run_id}/nodes/{node_id}/resolve', command: 'run.resolve_node' },
  ],
});
