import { z } from 'zod';
import { Id } from '../kit/ids.ts';
import { TemplateObject } from './template.field.ts';

export const McpConfig = z
  .strictObject({
    mcp_server_id: Id.meta({ description: 'Server that is asked' }),
    tool: z.string().min(1).max(200).optional().meta({ description: 'Name of the tool to call, as the server lists it' }),
    resource: z.string().min(1).max(4000).optional().meta({ description: 'URI of a resource to read; may hold templates' }),
    prompt: z.string().min(1).max(200).optional().meta({ description: 'Name of a prompt to get, as the server lists it' }),
    arguments: TemplateObject.default({}).meta({ description: 'Of a tool: checked against its input schema before the call. Of a prompt: texts' }),
    timeout_seconds: z.number().positive().max(600).default(60),
  })
  .refine(({ tool, resource, prompt }) => [tool, resource, prompt].filter((each) => each !== undefined).length === 1, {
    path: ['tool'],
    message: 'give one of "tool", "resource" and "prompt": what the server is asked for',
  })
  .meta({ id: 'McpNodeConfig', description: 'Calls a tool of an MCP server, reads one of its resources, or gets one of its prompts' });
export type McpConfig = z.output<typeof McpConfig>;
