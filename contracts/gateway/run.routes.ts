import { z } from 'zod';
import { GetParams, Id, JsonObject, LogRef } from '../kit/index.ts';
import { runContract, RunView } from '../run/run.contract.ts';
import { ValidateWorkflow, WorkflowValidation } from '../workflow/workflow.contract.ts';
import { EventView } from './event.view.ts';
import { RunFrame } from './run.frame.ts';
import { defineRoutes } from './route.ts';

/** A run as writes answer it: when it ended is in the read model only. */
const ExecutedRun = RunView.omit({ ended_at: true }).loose().extend({ log: LogRef }).meta({ id: 'ExecutedRun' });

/** Routes about workflows and runs that are neither a command nor a read model. */
export const runRoutes = defineRoutes({
  'run.execute': {
    method: 'POST',
    path: '/workflows/{workflow_id}/execute',
    summary: 'Create a run and wait for its end, 30 seconds or as long as `Prefer: wait=<seconds>` says (at most 120).',
    params: z.object({ workflow_id: Id }),
    body: runContract.commands['run.create'].data.omit({ workflow_id: true }).meta({ id: 'ExecuteWorkflow' }),
    answer: ExecutedRun,
    also: { 202: ExecutedRun },
  },
  'run.events': {
    method: 'GET',
    path: '/runtime/runs/{run_id}/events',
    summary: 'Events of a run as they happen (server-sent events); the id of each is its version, so Last-Event-ID goes on without a gap.',
    params: z.object({
      run_id: Id,
      from: z.coerce.number().int().min(1).optional().meta({ description: 'First version' }),
      follow: z.enum(['true', 'false']).default('true').meta({ description: 'false: what is there now, as JSON' }),
    }),
    answer: z.object({ items: z.array(EventView) }).meta({ id: 'RunEvents' }),
    media: ['text/event-stream', 'application/json'],
  },
  'run.watch': {
    method: 'GET',
    path: '/runtime/runs/{run_id}/ws',
    summary: 'Events of a run as they happen over a WebSocket: a snapshot first, or what happened since `from`; an end last. asyncapi.json has the frames.',
    params: z.object({
      run_id: Id,
      from: z.coerce.number().int().min(1).optional().meta({ description: 'First version; absent: a snapshot and what comes after it' }),
    }),
    answer: RunFrame,
    status: 101,
  },
  'workflow.validate': {
    method: 'POST',
    path: '/workflows/validate',
    summary: 'Everything that is wrong with a document, and how it would run. Stores nothing.',
    body: ValidateWorkflow,
    text_body: 'application/yaml',
    answer: WorkflowValidation,
  },
  'workflow.plan': {
    method: 'POST',
    path: '/workflows/plan',
    summary: 'In which order the nodes of a document would run. Stores nothing.',
    body: ValidateWorkflow,
    text_body: 'application/yaml',
    answer: WorkflowValidation,
  },
  'workflow.draft_plan': {
    method: 'GET',
    path: '/workflows/{workflow_id}/plan',
    summary: 'The draft of a workflow, validated and planned.',
    params: z.object({ workflow_id: Id, ...GetParams }),
    answer: WorkflowValidation.extend({ workflow_id: Id }).meta({ id: 'WorkflowPlan' }),
  },
  'workflow.schema': {
    method: 'GET',
    path: '/workflows/schema',
    summary: 'JSON Schema of the workflow document.',
    answer: JsonObject,
  },
  'node.list': {
    method: 'GET',
    path: '/nodes',
    summary: 'Node types that workflows may use, with the JSON Schema of their configs.',
    answer: z
      .object({
        items: z.array(
          z
            .object({
              type: z.string(),
              types: z.array(z.string()).meta({ description: 'All its names' }),
              kind: z.enum(['pure', 'effect']),
              summary: z.string(),
              config_schema: JsonObject,
            })
            .meta({ id: 'NodeType' }),
        ),
      })
      .meta({ id: 'NodeTypes' }),
  },
});
