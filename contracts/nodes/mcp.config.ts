import { z } from 'zod';
import { Id } from '../kit/ids.ts';
import { TemplateObject } from './template.field.ts';

export const McpConfig = z
  .strictObject({
    mcp_server_id: Id.meta({ description: 'Server whose tool is called' }),
    tool: z.string().min(1).max(200).meta({ description: 'Name of the tool, as the server lists it' }),
    arguments: TemplateObject.default({}).meta({ description: 'Checked against the input schema of the tool before the call' }),
    timeout_seconds: z.number().positive().max(600).default(60),
  })
  .meta({ id: 'McpNodeConfig', description: 'Calls a tool of an MCP server' });
export type McpConfig = z.output<typeof McpConfig>;
