import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { McpCatalog } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { storable, storableText } from '@agent-platform/kernel/index';

/** What is kept of each list, and of each text; more is a server to be afraid of, and is said to be cut. */
const MOST = 500;
const MOST_ARGUMENTS = 100;
const TEXT_BYTES = 4_000;
const NAME_CHARACTERS = 200;
const SCHEMA_BYTES = 64_000;

const cut = (value: string): string => storableText(value, TEXT_BYTES).value;
const text = (value: string | undefined): string | null => (value === undefined ? null : cut(value));
/** Whether something can be asked for by its name: as it is, since a shortened one would be another's. */
const isName = (name: string): boolean => name !== '' && name.length <= NAME_CHARACTERS && cut(name) === name;

interface Described {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}
const described = ({ name, title, description }: Described) => ({ name: cut(name), title: text(title), description: text(description) });

/** What of a client is used here. */
export type AskedForLists = Pick<
  Client,
  'getServerCapabilities' | 'listTools' | 'listResources' | 'listResourceTemplates' | 'listPrompts' | 'getServerVersion' | 'getNegotiatedProtocolVersion'
>;

/** Everything a server offers, as it may be recorded. A server is only asked for what it says it has. */
export async function readCatalog(client: AskedForLists, options: RequestOptions): Promise<McpCatalog> {
  const has = client.getServerCapabilities() ?? {};
  const { tools } = has.tools ? await client.listTools(undefined, options) : { tools: [] };
  const { resources } = has.resources ? await client.listResources(undefined, options) : { resources: [] };
  const { resourceTemplates } = has.resources ? await client.listResourceTemplates(undefined, options) : { resourceTemplates: [] };
  const { prompts } = has.prompts ? await client.listPrompts(undefined, options) : { prompts: [] };
  const { name = 'unknown', version = '' } = client.getServerVersion() ?? {};
  // A tool whose schema is too large can't be checked, and is not offered.
  const usable = tools.filter((tool) => isName(tool.name) && JSON.stringify(tool.inputSchema).length <= SCHEMA_BYTES);
  const asked = prompts.filter((prompt) => isName(prompt.name));
  const unusable = tools.length - usable.length + prompts.length - asked.length;
  return {
    server: { name: cut(name), version: cut(version), protocol_version: client.getNegotiatedProtocolVersion() ?? null },
    tools: usable.slice(0, MOST).map((tool) => ({
      ...described(tool),
      input_schema: storable(tool.inputSchema).value as JsonObject,
      repeatable: tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true,
      ...(tool.annotations?.readOnlyHint !== undefined && { read_only: tool.annotations.readOnlyHint }),
      ...(tool.annotations?.destructiveHint !== undefined && { destructive: tool.annotations.destructiveHint }),
    })),
    resources: resources.slice(0, MOST).map((resource) => ({ ...described(resource), uri: cut(resource.uri), mime_type: text(resource.mimeType) })),
    resource_templates: resourceTemplates
      .slice(0, MOST)
      .map((template) => ({ ...described(template), uri_template: cut(template.uriTemplate), mime_type: text(template.mimeType) })),
    prompts: asked.slice(0, MOST).map((prompt) => ({
      ...described(prompt),
      arguments: (prompt.arguments ?? []).slice(0, MOST_ARGUMENTS).map((each) => ({ name: cut(each.name), required: each.required === true })),
    })),
    truncated: unusable > 0 || [tools, resources, resourceTemplates, prompts].some(({ length }) => length > MOST),
  };
}
