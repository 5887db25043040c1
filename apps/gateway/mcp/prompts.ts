import type { GetPromptResult, ListPromptsResult, Prompt } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { asJsonSchema } from '@agent-platform/nodes/input-schema';
import { readOne, readPage } from '@agent-platform/runtime/read';
import { fillDollars } from '@agent-platform/skill-run/skill-run.template';
import type { Gateway } from '../gateway.ts';
import { queryOf } from './catalog.ts';
import { readName } from './names.ts';

const PAGE = 50;
const Schema = z.object({ properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })), required: z.array(z.string()) }).partial();
const Version = z.looseObject({ runtime_type: z.string(), implementation_json: z.looseObject({ prompt: z.string().optional() }) });

/** Published skills that are prompts, for clients whose own model is to be asked; one page, as `tools/list` has them too. */
export async function listPrompts(gateway: Gateway, workspaceId: string, cursor: string | undefined): Promise<ListPromptsResult> {
  const params = { limit: PAGE, status: 'published', ...(cursor !== undefined && { cursor }) };
  const page = await readPage(gateway.pool, queryOf(gateway, 'skill', 'list'), workspaceId, params);
  const prompts = await Promise.all(page.items.map((row) => promptOf(gateway, workspaceId, row)));
  return { prompts: prompts.filter((prompt) => prompt !== null), ...(page.next_cursor !== null && { nextCursor: page.next_cursor }) };
}

async function promptOf(gateway: Gateway, workspaceId: string, row: Readonly<Record<string, unknown>>): Promise<Prompt | null> {
  const version = await versionOf(gateway, workspaceId, row);
  if (version?.template === undefined) return null;
  const { id, name, description } = z.looseObject({ id: z.string(), name: z.string(), description: z.string().nullish() }).parse(row);
  const { properties = {}, required = [] } = Schema.safeParse(asJsonSchema(version.schema)).data ?? {};
  const args = Object.entries(properties).map(([key, property]) => ({
    name: key,
    required: required.includes(key),
    ...(property.description !== undefined && { description: property.description }),
  }));
  return { name: `skill_${id}`, title: name, description: description ?? `The prompt of the skill "${name}".`, arguments: args };
}

/** A prompt with its places filled. Throws Failure: missing `prompt-not-found`, invalid `prompt-invalid`. */
export async function getPrompt(gateway: Gateway, workspaceId: string, name: string, given: Readonly<Record<string, string>>): Promise<GetPromptResult> {
  const filled = fillDollars((await publishedPrompt(gateway, workspaceId, name)).template, given);
  if ('text' in filled) return { messages: [{ role: 'user', content: { type: 'text', text: filled.text } }] };
  const why = 'missing' in filled ? `needs ${filled.missing.join(', ')}` : 'would be too long';
  throw new Failure('invalid', 'prompt-invalid', `arguments: prompt "${name}" ${why}.`);
}

/** The prompt that a name stands for. Throws Failure('missing', 'prompt-not-found'). */
export async function publishedPrompt(
  gateway: Gateway,
  workspaceId: string,
  name: string,
): Promise<{ readonly schema: JsonObject; readonly template: string }> {
  const named = readName(name);
  const row = named?.kind === 'skill' ? await readOne(gateway.pool, queryOf(gateway, 'skill', 'get'), workspaceId, { skill_id: named.id }) : null;
  const { schema = {}, template } = (row && (await versionOf(gateway, workspaceId, row))) ?? {};
  if (template !== undefined) return { schema, template };
  throw new Failure('missing', 'prompt-not-found', `There is no prompt "${name.slice(0, 200)}" in this workspace; prompts/list names those there are.`);
}

/** What the published version of a skill asks a model; undefined when it asks none. */
async function versionOf(gateway: Gateway, workspaceId: string, { published_version_id: id }: Readonly<Record<string, unknown>>) {
  const row = typeof id === 'string' ? await readOne(gateway.pool, queryOf(gateway, 'skill', 'version'), workspaceId, { skill_version_id: id }) : null;
  if (!row) return null;
  const { runtime_type, implementation_json } = Version.parse(row);
  return { schema: (row['parameter_schema_json'] ?? {}) as JsonObject, template: runtime_type === 'prompt' ? implementation_json.prompt : undefined };
}
