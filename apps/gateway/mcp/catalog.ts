import type { ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure, type Query } from '@agent-platform/kernel/index';
import { asJsonSchema } from '@agent-platform/nodes/input-schema';
import { readOne, readPage } from '@agent-platform/runtime/read';
import type { Gateway } from '../gateway.ts';
import { annotateSkill, annotateTool, annotateWorkflow } from './annotations.ts';
import { calledTool } from './called-tool.ts';
import type { ListedTool } from './listed-tool.ts';
import { type Callable, GET_RUN } from './names.ts';
import { inToolOutput, outputSchemaOf } from './output-schema.ts';

export interface ToolPage {
  readonly tools: readonly ListedTool[];
  readonly nextCursor?: string;
}

type Row = Readonly<Record<string, unknown>>;

/** What of a row is listed: null, when it can't be called yet. */
interface Described {
  readonly does: string;
  readonly schema: JsonObject | null;
  readonly outputSchema?: ListedTool['outputSchema'] | null;
  readonly annotations: ToolAnnotations;
}

const PAGE = 50;
const LISTS = ['workflow', 'tool', 'skill'] as const satisfies readonly Callable[];
const Cursor = z.object({ list: z.enum(LISTS), cursor: z.string().optional() });
type At = z.output<typeof Cursor>;

/**
 * A page of what a workspace lets an MCP client call: published workflows, then tools, then published skills. Pages are
 * filled up, because many clients read no second one. Throws Failure for a cursor of others.
 */
export async function listTools(gateway: Gateway, workspaceId: string, cursor: string | undefined): Promise<ToolPage> {
  const tools: ListedTool[] = cursor === undefined ? [GET_RUN] : [];
  let at: At | null = cursor === undefined ? { list: LISTS[0] } : decode(cursor);
  while (at !== null && tools.length < PAGE) {
    const { found, next } = await readList(gateway, workspaceId, at);
    tools.push(...found);
    at = next;
  }
  return { tools, ...(at && { nextCursor: Buffer.from(JSON.stringify(at)).toString('base64url') }) };
}

/** One page of one list, and where it goes on. */
async function readList(
  gateway: Gateway,
  workspaceId: string,
  { list, cursor }: At,
): Promise<{ readonly found: readonly ListedTool[]; readonly next: At | null }> {
  const params = { limit: PAGE, ...(list !== 'tool' && { status: 'published' }), ...(cursor !== undefined && { cursor }) };
  const page = await readPage(gateway.pool, queryOf(gateway, list, 'list'), workspaceId, params);
  const found = await Promise.all(page.items.map((row) => listed(gateway, workspaceId, list, row)));
  const following = LISTS[LISTS.indexOf(list) + 1];
  const next = page.next_cursor !== null ? { list, cursor: page.next_cursor } : following === undefined ? null : { list: following };
  return { found: found.filter((tool) => tool !== null), next };
}

async function listed(gateway: Gateway, workspaceId: string, kind: Callable, row: Row): Promise<ListedTool | null> {
  const described = await DESCRIBE[kind](gateway, workspaceId, row);
  if (!described) return null;
  const title = textOf(row, 'name');
  const description = textOf(row, 'description') || `${described.does} "${title}".`;
  const { schema, outputSchema, annotations } = described;
  return { name: `${kind}_${textOf(row, 'id')}`, title, description, inputSchema: objectSchema(schema), ...(outputSchema && { outputSchema }), annotations };
}

const DESCRIBE: Readonly<Record<Callable, (gateway: Gateway, workspaceId: string, row: Row) => Promise<Described | null>>> = {
  async workflow(gateway, workspaceId, row) {
    const nodes = await workflowNodes(gateway, workspaceId, row);
    return { does: 'Runs the workflow', schema: startSchema(nodes), annotations: annotateWorkflow(nodes) };
  },
  async tool(gateway, workspaceId, row) {
    const version = await versionOf(gateway, workspaceId, 'tool', row['latest_version_id']);
    if (!version) return null;
    const annotations = annotateTool(version['invoke_config_json'] as JsonObject);
    // The version that a binding leads to may be another one, and what answers must fit is what that one says.
    const called = version['output_schema_json'] === null ? null : await calledTool(gateway, workspaceId, textOf(row, 'id'));
    const outputSchema = called && outputSchemaOf(called.version.output_schema_json, inToolOutput(called.version.invoke_config_json));
    return { does: 'Calls the tool', schema: version['input_schema_json'] as JsonObject, outputSchema, annotations };
  },
  async skill(gateway, workspaceId, row) {
    const version = await versionOf(gateway, workspaceId, 'skill', row['published_version_id']);
    if (!version) return null;
    const annotations = annotateSkill(version['runtime_type']);
    const outputSchema = outputSchemaOf(version['output_schema_json'] as JsonObject);
    return { does: 'Uses the skill', schema: version['parameter_schema_json'] as JsonObject, outputSchema, annotations };
  },
};

type Nodes = readonly { readonly type: string; readonly config: JsonObject }[];

/** What the start node of the published version asks for; null: anything, or nothing is published that the read model knows of. */
export const workflowSchema = async (gateway: Gateway, workspaceId: string, workflow: Row): Promise<JsonObject | null> =>
  startSchema(await workflowNodes(gateway, workspaceId, workflow));

async function workflowNodes(gateway: Gateway, workspaceId: string, workflow: Row): Promise<Nodes> {
  const version = await versionOf(gateway, workspaceId, 'workflow', workflow['published_version_id']);
  return ((version?.['definition'] ?? { nodes: [] }) as { readonly nodes: Nodes }).nodes;
}

function startSchema(nodes: Nodes): JsonObject | null {
  const schema = nodes.find(({ type }) => type === 'start')?.config['input_schema'];
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema : null;
}

/** A workflow as its read model has it; null when it has none yet. */
export const findWorkflow = (gateway: Gateway, workspaceId: string, workflow_id: string): Promise<Row | null> =>
  readOne(gateway.pool, queryOf(gateway, 'workflow', 'get'), workspaceId, { workflow_id });

const versionOf = async (gateway: Gateway, workspaceId: string, kind: Callable, id: unknown): Promise<Row | null> =>
  typeof id === 'string' ? readOne(gateway.pool, queryOf(gateway, kind, 'version'), workspaceId, { [`${kind}_version_id`]: id }) : null;

const textOf = (row: Row, column: string): string => (typeof row[column] === 'string' ? row[column] : '');

/** MCP takes schemas of objects only, so what is none is told as an object of anything and checked by the call. */
function objectSchema(given: JsonObject | null): ListedTool['inputSchema'] {
  if (given === null || Object.keys(given).length === 0) return { type: 'object' };
  const schema = asJsonSchema(given);
  return schema['type'] === undefined || schema['type'] === 'object' ? { ...schema, type: 'object' } : { type: 'object' };
}

export function queryOf(gateway: Gateway, category: Callable, name: 'list'): Extract<Query, { kind: 'list' }>;
export function queryOf(gateway: Gateway, category: Callable, name: 'get' | 'version'): Extract<Query, { kind: 'get' }>;
export function queryOf(gateway: Gateway, category: Callable, name: Query['kind'] | 'version'): Query {
  const query = gateway.features.of(category).queries[`${category}.${name}`];
  if (!query) throw new Error(`${category}.${name} is not a query`);
  return query;
}

function decode(cursor: string): At {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Failure('invalid', 'bad-cursor', 'cursor: is not one that tools/list gave out; leave it out to begin at the first page.');
  }
}
