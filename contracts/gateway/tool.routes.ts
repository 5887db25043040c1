import { z } from 'zod';
import { Id, JsonObject, JsonValue, LogRef } from '../kit/index.ts';
import { toolCallContract } from '../tool-call/tool-call.contract.ts';
import { defineRoutes } from './route.ts';

const ToolTest = z
  .object({
    tool_call_id: Id,
    tool_id: Id,
    tool_version_id: Id.nullable(),
    tool_binding_id: Id.nullable(),
    status: z.enum(['selected', 'running', 'completed', 'failed', 'cancelled', 'skipped']),
    task_id: Id.nullable().meta({ description: 'Of the person who has to approve the call; it waits while the call is selected' }),
    reachable: z.boolean().nullable().meta({ description: 'Whether the tool answered, with whatever status; null: not known yet' }),
    http_status: z.int().nullable(),
    latency_ms: z.number().nullable(),
    reason: z.string().nullable().meta({ description: 'Why it failed' }),
    excerpt: z.string().nullable().meta({ description: 'Beginning of what it answered' }),
    request: JsonValue.meta({ description: 'What was sent, with secrets as references' }),
    workspace_id: z.string(),
    log: LogRef,
  })
  .meta({ id: 'ToolTest' });

/** Routes about tools that are neither a command nor a read model. */
export const toolRoutes = defineRoutes({
  'tool.test': {
    method: 'POST',
    path: '/tools/{tool_id}/test',
    summary: 'Call a tool once and wait for its answer, 30 seconds or as long as `Prefer: wait=<seconds>` says (at most 120). No run is made.',
    params: z.object({ tool_id: Id }),
    body: z
      .strictObject({ ...toolCallContract.commands['tool_call.create'].data.shape, input: JsonObject.optional() })
      .omit({ tool_id: true, builtin: true, purpose: true })
      .meta({ id: 'TestTool' }),
    answer: ToolTest,
    also: { 202: ToolTest },
  },
  'tool.builtins': {
    method: 'GET',
    path: '/tools/builtins',
    summary: 'Tools of the platform itself, which need no definition, with the JSON Schema of their input.',
    answer: z
      .object({
        items: z.array(z.object({ name: z.string(), description: z.string(), writes: z.boolean(), input_schema: JsonObject }).meta({ id: 'BuiltinTool' })),
      })
      .meta({ id: 'BuiltinTools' }),
  },
});
export type ToolTest = z.output<typeof ToolTest>;
