import { randomUUIDv7 } from 'node:crypto';
import { z } from 'zod';
import { Id, type JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { schemaFields } from '@agent-platform/kernel/schema-fields';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import type { Gateway } from '../gateway.ts';
import type { RequestContext } from '../request-context.ts';
import { type Called, type CalledStream, type Kind, locate } from './called.ts';
import { findWorkflow, workflowSchema } from './catalog.ts';
import { calledTool } from './called-tool.ts';
import { type Callable, readName } from './names.ts';
import { type Waiting, waitFor } from './wait.ts';

/** Shorter than the minute that MCP clients wait by default, so that they hear the run's id. */
const SECONDS = 50;
/** So that a call of a tool has always ended when its answer is due. */
const TOOL_SECONDS = 45;
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
export async function callTool(gateway: Gateway, context: RequestContext, name: string, input: JsonObject, waiting: Calling): Promise<Called> {
  const named = readName(name);
  const { workspace_id } = context;
  if (!named) throw unknownTool(name);
  if (named.kind === 'get_run') {
    const parsed = GetRun.safeParse(input);
    if (!parsed.success) throw new Failure('invalid', 'tool-input-invalid', 'get_run takes a run_id.', { errors: schemaFields(parsed.error) });
    const { run_id, wait_seconds: seconds } = parsed.data;
    return waitFor(gateway, await locate(gateway, workspace_id, run_id), { ...waiting, seconds });
  }
  const stream = { workspace_id, ...(await BEGIN[named.kind](gateway, context, named.id, input)) };
  const cancel = cancelOnAbort(gateway, context, stream, waiting.cancelled);
  try {
    return await waitFor(gateway, stream, { ...waiting, seconds: SECONDS });
  } finally {
    cancel.stop();
  }
}

type Begun = Promise<{ readonly category: Kind; readonly stream_id: string }>;

const BEGIN: Readonly<Record<Callable, (gateway: Gateway, context: RequestContext, id: string, input: JsonObject) => Begun>> = {
  async workflow(gateway, context, workflow_id, input) {
    const row = await findWorkflow(gateway, context.workspace_id, workflow_id);
    const schema = row && (await workflowSchema(gateway, context.workspace_id, row));
    if (schema) refuseUnfit(schema, input, workflow_id);
    return { category: 'run', stream_id: (await gateway.command('run.create', { workflow_id, input }, context)).id };
  },
  async tool(gateway, context, tool_id, input) {
    const resolved = await calledTool(gateway, context.workspace_id, tool_id);
    if (!resolved) throw new Failure('missing', 'tool-not-found', `There is no tool "${tool_id}" with a version in this workspace.`);
    refuseUnfit(resolved.version.input_schema_json, input, tool_id);
    const data = { tool_id, ...(resolved.binding && { tool_binding_id: resolved.binding.id }), input, timeout_seconds: TOOL_SECONDS };
    return { category: 'tool_call', stream_id: (await gateway.command('tool_call.create', data, context)).id };
  },
  async skill(gateway, context, skill_id, input_json) {
    return { category: 'skill_run', stream_id: (await gateway.command('skill_run.create', { skill_id, input_json }, context)).id };
  },
};

function refuseUnfit(schema: JsonObject, input: JsonObject, id: string): void {
  const compiled = compileInputSchema(schema);
  if ('error' in compiled) throw new Failure('invalid', 'tool-schema-invalid', `The input schema of "${id}" ${compiled.error}.`);
  const problem = compiled.check(input);
  if (problem !== null) throw new Failure('invalid', 'tool-input-invalid', `arguments: ${problem}. Nothing was called.`);
}

const unknownTool = (name: string): Failure =>
  new Failure('missing', 'tool-not-found', `There is no tool "${name.slice(0, 200)}" in this workspace; tools/list names those there are.`);

function cancelOnAbort(gateway: Gateway, context: RequestContext, stream: CalledStream, signal: AbortSignal): { stop(): void } {
  const { category, stream_id } = stream;
  const cancel = (): void => {
    const data = { [`${category}_id`]: stream_id, reason: 'The MCP client gave the call up.' };
    gateway.command(`${category}.cancel`, data, { ...context, command_id: randomUUIDv7() }).catch((error: unknown) => {
      // A run that has just ended can't be cancelled, and nobody waits for this answer.
      gateway.logger.info({ error, ...stream }, 'a call that was given up could not be cancelled');
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return { stop: () => signal.removeEventListener('abort', cancel) };
}
