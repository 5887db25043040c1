import { z } from 'zod';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure, type Query } from '@agent-platform/kernel/index';
import { asJsonSchema } from '@agent-platform/nodes/input-schema';
import { readOne, readPage } from '@agent-platform/runtime/read';
import type { Gateway } from '../gateway.ts';
import { GET_RUN } from './names.ts';
import { isToolWorkflow } from './tool-workflow.ts';

/** A tool as MCP lists it. Names are made of ids, so they stay when names and codes change. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject & { readonly type: 'object' };
}

export interface ToolPage {
  readonly tools: readonly ListedTool[];
  readonly nextCursor?: string;
}

const PAGE = 50;
const Cursor = z.object({ list: z.enum(['workflow', 'tool']), cursor: z.string().optional() });

/** One page of what a workspace lets an MCP client call: published workflows, then tools. Throws Failure for a cursor of others. */
export async function listTools(gateway: Gateway, workspaceId: string, cursor: string | undefined): Promise<ToolPage> {
  const at = cursor === undefined ? { list: 'workflow' as const } : decode(cursor);
  const query = queryOf(gateway, at.list, 'list');
  const params = { limit: PAGE, ...(at.list === 'workflow' && { status: 'published' }), ...(at.cursor !== undefined && { cursor: at.cursor }) };
  const page = await readPage(gateway.pool, query, workspaceId, params);
  const describe = at.list === 'workflow' ? workflowTool : toolTool;
  const found = await Promise.all(page.items.map((row) => describe(gateway, workspaceId, row)));
  const tools = [...(cursor === undefined ? [GET_RUN] : []), ...found.filter((tool) => tool !== null)];
  const next = page.next_cursor !== null ? { list: at.list, cursor: page.next_cursor } : at.list === 'workflow' ? { list: 'tool' } : null;
  return { tools, ...(next && { nextCursor: Buffer.from(JSON.stringify(next)).toString('base64url') }) };
}

/** What the start node of the published version asks for; null: anything, or nothing is published that the read model knows of. */
export async function workflowSchema(gateway: Gateway, workspaceId: string, workflow: Row): Promise<JsonObject | null> {
  if (typeof workflow['published_version_id'] !== 'string') return null;
  const version = await readOne(gateway.pool, queryOf(gateway, 'workflow', 'version'), workspaceId, { workflow_version_id: workflow['published_version_id'] });
  const { nodes } = (version?.['definition'] ?? { nodes: [] }) as { readonly nodes: readonly { readonly type: string; readonly config: JsonObject }[] };
  const schema = nodes.find(({ type }) => type === 'start')?.config['input_schema'];
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema : null;
}

/** A workflow as its read model has it; null when it has none yet. */
export const findWorkflow = (gateway: Gateway, workspaceId: string, workflow_id: string): Promise<Row | null> =>
  readOne(gateway.pool, queryOf(gateway, 'workflow', 'get'), workspaceId, { workflow_id });

type Row = Readonly<Record<string, unknown>>;

const textOf = (row: Row, column: string): string => (typeof row[column] === 'string' ? row[column] : '');

async function workflowTool(gateway: Gateway, workspaceId: string, row: Row): Promise<ListedTool | null> {
  if (isToolWorkflow(row)) return null;
  const inputSchema = objectSchema(await workflowSchema(gateway, workspaceId, row));
  return { ...described(row, 'Runs the workflow'), name: `workflow_${textOf(row, 'id')}`, inputSchema };
}

async function toolTool(gateway: Gateway, workspaceId: string, row: Row): Promise<ListedTool | null> {
  if (typeof row['latest_version_id'] !== 'string') return null;
  const version = await readOne(gateway.pool, queryOf(gateway, 'tool', 'version'), workspaceId, { tool_version_id: row['latest_version_id'] });
  const inputSchema = objectSchema((version?.['input_schema_json'] as JsonObject | undefined) ?? null);
  return { ...described(row, 'Calls the tool'), name: `tool_${textOf(row, 'id')}`, inputSchema };
}

const described = (row: Row, does: string): { title: string; description: string } => {
  const title = textOf(row, 'name');
  return { title, description: typeof row['description'] === 'string' && row['description'] !== '' ? row['description'] : `${does} "${title}".` };
};

/** MCP takes schemas of objects only, so what is none is told as an object of anything and checked by the call. */
function objectSchema(given: JsonObject | null): ListedTool['inputSchema'] {
  if (given === null || Object.keys(given).length === 0) return { type: 'object' };
  const schema = asJsonSchema(given);
  return schema['type'] === undefined || schema['type'] === 'object' ? { ...schema, type: 'object' } : { type: 'object' };
}

type Kind = Query['kind'] | 'version';
function queryOf(gateway: Gateway, category: 'workflow' | 'tool', name: 'list'): Extract<Query, { kind: 'list' }>;
function queryOf(gateway: Gateway, category: 'workflow' | 'tool', name: 'get' | 'version'): Extract<Query, { kind: 'get' }>;
function queryOf(gateway: Gateway, category: 'workflow' | 'tool', name: Kind): Query {
  const query = gateway.features.of(category).queries[`${category}.${name}`];
  if (!query) throw new Error(`${category}.${name} is not a query`);
  return query;
}

function decode(cursor: string): z.output<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Failure('invalid', 'bad-cursor', 'cursor: is not one that tools/list gave out; leave it out to begin at the first page.');
  }
}
