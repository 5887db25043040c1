import { z } from 'zod';
import { Id } from '../kit/ids.ts';
import { Template, TemplateObject, TemplateValue } from './template.field.ts';

export const ToolConfig = z
  .strictObject({
    tool_binding_id: Id.optional().meta({ description: 'Tool to call, through a binding' }),
    tool_id: Id.optional().meta({ description: 'Tool to call, directly' }),
    url: Template.optional().meta({ description: 'Whole URL; beats the one of the tool version' }),
    base_url: Template.optional().meta({ description: 'Beats those of the binding and the tool version' }),
    path: Template.optional().meta({ description: 'Beats the one of the tool version' }),
    query: TemplateObject.optional().meta({ description: 'Merged over the query of the tool version' }),
    body: TemplateValue.optional().meta({ description: 'Merged over the body of the tool version' }),
    headers: z.record(z.string(), Template).optional().meta({ description: 'Merged over those of the tool version and the binding' }),
    input: TemplateObject.optional().meta({
      description: 'What the tool is given: its templates see it as input; a tool without any gets it as query (GET, HEAD, DELETE) or body',
    }),
    timeout_seconds: z.number().positive().max(600).default(30),
  })
  .refine((config) => config.tool_binding_id === undefined || config.tool_id === undefined, {
    path: ['tool_id'],
    message: 'give only one of "tool_binding_id" and "tool_id": a binding names its tool',
  })
  .refine((config) => [config.tool_binding_id, config.tool_id, config.url, config.base_url].some((value) => value !== undefined), {
    path: ['tool_binding_id'],
    message: 'give "tool_binding_id", "tool_id", "url" or "base_url": otherwise there is nothing to call',
  })
  .meta({ id: 'ToolNodeConfig', description: 'Calls an HTTP tool' });
export type ToolConfig = z.output<typeof ToolConfig>;
