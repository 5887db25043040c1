import { randomUUIDv7 } from 'node:crypto';
import { z } from 'zod';
import { Id, type JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { schemaFields } from '@agent-platform/kernel/schema-fields';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import type { Gateway } from '../gateway.ts';
import type { RequestContext } from '../request-context.ts';
import { findWorkflow, workflowSchema } from './catalog.ts';
import { readName } from './names.ts';
import { publishToolWorkflow, toolWorkflow } from './tool-workflow.ts';
import { type Waited, type Waiting, waitForRun } from './wait.ts';

/** Shorter than the minute that MCP clients wait by default, so that they hear the run's id. */
const SECONDS = 50;
const GetRun = z.strictObject({ run_id: Id, wait_seconds: z.number().min(0).max(120).default(SECONDS) });

interface Calling extends Omit<Waiting, 'seconds'> {
  /** Aborted when the caller wants the run itself to end, and not only the wait. */
  readonly cancelled: AbortSignal;
}

/**
 * Calls what a name stands for and waits: a run is created under the context's command id, so the same idempotency key
 * never makes a second one. A caller that gives up cancels the run that it began; one that only asked leaves it alone.
 * Throws Failure for everything that is refused before a run exists.
 */
export async function callTool(gateway: Gateway, context: RequestContext, name: string, input: JsonObject, waiting: Calling): Promise<Waited> {
  const named = readName(name);
  const { workspace_id } = context;
  if (!named) throw unknownTool(name);
  if (named.kind === 'get_run') {
    const parsed = GetRun.safeParse(input);
    if (!parsed.success) throw new Failure('invalid', 'tool-input-invalid', 'get_run takes a run_id.', { errors: schemaFields(parsed.error) });
    const { run_id, wait_seconds: seconds } = parsed.data;
    return waitForRun(gateway, { workspace_id, category: 'run', stream_id: run_id }, { ...waiting, seconds });
  }
  const run_id = named.kind === 'workflow' ? await runWorkflow(gateway, context, named.id, input) : await runTool(gateway, context, named.id, input);
  const cancel = cancelOnAbort(gateway, context, run_id, waiting.cancelled);
  try {
    return await waitForRun(gateway, { workspace_id, category: 'run', stream_id: run_id }, { ...waiting, seconds: SECONDS });
  } finally {
    cancel.stop();
  }
}

async function runWorkflow(gateway: Gateway, context: RequestContext, workflow_id: string, input: JsonObject): Promise<string> {
  const row = await findWorkflow(gateway, context.workspace_id, workflow_id);
  const schema = row && (await workflowSchema(gateway, context.workspace_id, row));
  if (schema) refuseUnfit(schema, input, workflow_id);
  return (await gateway.command('run.create', { workflow_id, input }, context)).id;
}

async function runTool(gateway: Gateway, context: RequestContext, tool_id: string, input: JsonObject): Promise<string> {
  const workflow = await toolWorkflow(gateway, context.workspace_id, tool_id);
  refuseUnfit(workflow.input_schema_json, input, tool_id);
  const create = async (): Promise<string> => (await gateway.command('run.create', { workflow_id: workflow.workflow_id, input }, context)).id;
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof Failure) || !['workflow-not-found', 'workflow-not-published'].includes(error.code)) throw error;
    // The first call of this version: a refused command leaves nothing, so the run may be asked for again.
    await publishToolWorkflow(gateway, context, workflow);
    return create();
  }
}

function refuseUnfit(schema: JsonObject, input: JsonObject, id: string): void {
  const compiled = compileInputSchema(schema);
  if ('error' in compiled) throw new Failure('invalid', 'tool-schema-invalid', `The input schema of "${id}" ${compiled.error}.`);
  const problem = compiled.check(input);
  if (problem !== null) throw new Failure('invalid', 'tool-input-invalid', `arguments: ${problem}. Nothing was called.`);
}

const unknownTool = (name: string): Failure =>
  new Failure('missing', 'tool-not-found', `There is no tool "${name.slice(0, 200)}" in this workspace; tools/list names those there are.`);

function cancelOnAbort(gateway: Gateway, context: RequestContext, run_id: string, signal: AbortSignal): { stop(): void } {
  const cancel = (): void => {
    const data = { run_id, reason: 'The MCP client gave the call up.' };
    gateway.command('run.cancel', data, { ...context, command_id: randomUUIDv7() }).catch((error: unknown) => {
      // A run that has just ended can't be cancelled, and nobody waits for this answer.
      gateway.logger.info({ error, run_id }, 'a call that was given up could not be cancelled');
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return { stop: () => signal.removeEventListener('abort', cancel) };
}
