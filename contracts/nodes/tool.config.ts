import { z } from 'zod';
import { Id } from '../kit/ids.ts';
import { Seconds, Template, TemplateObject, TemplateValue } from './template.field.ts';

/** Tools that need no definition. */
export const BuiltinTool = z.enum(['calculator', 'current_time', 'http', 'postgres_query', 'email', 'knowledge_search']);
export type BuiltinTool = z.output<typeof BuiltinTool>;

export const ToolConfig = z
  .strictObject({
    tool_binding_id: Id.optional().meta({ description: 'Tool to call, through a binding' }),
    tool_id: Id.optional().meta({ description: 'Tool to call, directly' }),
    builtin: BuiltinTool.optional().meta({ description: 'Tool of the platform itself; it takes its `input` and nothing else' }),
    url: Template.optional().meta({ description: 'Whole URL; beats the one of the tool version' }),
    base_url: Template.optional().meta({ description: 'Beats those of the binding and the tool version' }),
    path: Template.optional().meta({ description: 'Beats the one of the tool version' }),
    query: TemplateObject.optional().meta({ description: 'Merged over the query of the tool version' }),
    body: TemplateValue.optional().meta({ description: 'Merged over the body of the tool version' }),
    headers: z.record(z.string(), Template).optional().meta({ description: 'Merged over those of the tool version and the binding' }),
    input: TemplateObject.optional().meta({
      description: 'What the tool is given: its templates see it as input; a tool without any gets it as query (GET, HEAD, DELETE) or body',
    }),
    requires_approval: z.boolean().optional().meta({ description: 'A person has to approve the call before it is made, whatever the tool says' }),
    approval_timeout_seconds: Seconds.optional().meta({
      description: 'How long that person has; then the call fails. Absent: as the tool says, or as long as it takes',
    }),
    timeout_seconds: z.number().positive().max(600).default(30),
  })
  .refine((config) => config.tool_binding_id === undefined || config.tool_id === undefined, {
    path: ['tool_id'],
    message: 'give only one of "tool_binding_id" and "tool_id": a binding names its tool',
  })
  .refine(
    ({ builtin, timeout_seconds: _, input: _given, requires_approval: _asked, approval_timeout_seconds: _time, ...others }) =>
      builtin === undefined || Object.values(others).every((value) => value === undefined),
    {
      path: ['builtin'],
      message: 'a built-in tool takes "input" only: leave out what says where and how to call',
    },
  )
  .refine((config) => [config.builtin, config.tool_binding_id, config.tool_id, config.url, config.base_url].some((value) => value !== undefined), {
    path: ['tool_binding_id'],
    message: 'give "tool_binding_id", "tool_id", "builtin", "url" or "base_url": otherwise there is nothing to call',
  })
  .meta({ id: 'ToolNodeConfig', description: 'Calls a tool' });
export type ToolConfig = z.output<typeof ToolConfig>;
