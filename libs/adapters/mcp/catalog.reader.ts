import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpCatalog } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { storable, storableText } from '@agent-platform/kernel/index';

/** What is kept of each list, and of each text; more is a server to be afraid of, and is said to be cut. */
const MOST = 500;
const TEXT_BYTES = 4_000;
const SCHEMA_BYTES = 64_000;

const text = (value: string | undefined): string | null => (value === undefined ? null : storableText(value, TEXT_BYTES).value);

/** Everything a server offers, as it may be recorded. A server is only asked for what it says it has. */
export async function readCatalog(client: Client, options: RequestOptions): Promise<McpCatalog> {
  const has = client.getServerCapabilities() ?? {};
  const { tools } = has.tools ? await client.listTools(undefined, options) : { tools: [] };
  const { resources } = has.resources ? await client.listResources(undefined, options) : { resources: [] };
  const { resourceTemplates } = has.resources ? await client.listResourceTemplates(undefined, options) : { resourceTemplates: [] };
  const { prompts } = has.prompts ? await client.listPrompts(undefined, options) : { prompts: [] };
  const { name = 'unknown', version = '' } = client.getServerVersion() ?? {};
  // A tool whose schema is too large can't be checked, and is not offered.
  const usable = tools.filter(({ inputSchema }) => JSON.stringify(inputSchema).length <= SCHEMA_BYTES);
  return {
    server: { name: text(name) ?? '', version: text(version) ?? '', protocol_version: client.getNegotiatedProtocolVersion() ?? null },
    tools: usable.slice(0, MOST).map((tool) => ({
      name: tool.name,
      title: text(tool.title),
      description: text(tool.description),
      input_schema: storable(tool.inputSchema).value as JsonObject,
      repeatable: tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true,
      ...(tool.annotations?.readOnlyHint !== undefined && { read_only: tool.annotations.readOnlyHint }),
      ...(tool.annotations?.destructiveHint !== undefined && { destructive: tool.annotations.destructiveHint }),
    })),
    resources: resources.slice(0, MOST).map(({ name: called, title, description, uri, mimeType }) => ({
      name: called,
      title: text(title),
      description: text(description),
      uri: storableText(uri, TEXT_BYTES).value,
      mime_type: text(mimeType),
    })),
    resource_templates: resourceTemplates.slice(0, MOST).map(({ name: called, title, description, uriTemplate, mimeType }) => ({
      name: called,
      title: text(title),
      description: text(description),
      uri_template: storableText(uriTemplate, TEXT_BYTES).value,
      mime_type: text(mimeType),
    })),
    prompts: prompts.slice(0, MOST).map(({ name: called, title, description, arguments: wanted = [] }) => ({
      name: called,
      title: text(title),
      description: text(description),
      arguments: wanted.map((each) => ({ name: each.name, required: each.required === true })),
    })),
    truncated: usable.length < tools.length || [tools, resources, resourceTemplates, prompts].some(({ length }) => length > MOST),
  };
}
