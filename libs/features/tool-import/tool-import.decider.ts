import { hash } from 'node:crypto';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { toolImportContract } from '@agent-platform/contracts/tool-import/tool-import.contract';
import { readYaml } from '@agent-platform/graph/document-yaml';
import { deterministicUuid, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import { readOpenApi } from './openapi.document.ts';
import type { OperationTool } from './openapi.operation.ts';
import { isObject } from './openapi.schema.ts';

export type ToolImportCommand = CommandOf<typeof toolImportContract>;
export type ToolImportEvent = EventOf<typeof toolImportContract>;
type Imported = ToolImportEvent['data'];
type ImportedTool = Imported['tools'][number];

export interface ToolImportState {
  /** How often something was imported. */
  readonly number: number;
  /** Digest of each tool that was ever imported, by its code. */
  readonly digests: Readonly<Record<string, string>>;
  readonly last: Imported | null;
}

const initial: ToolImportState = { number: 0, digests: {}, last: null };

/** Event data lies in the log as one value. */
const LARGEST_BYTES = 900_000;

function decide({ data, meta }: ToolImportCommand, state: ToolImportState): Decision<ToolImportEvent> {
  const document = data.document ?? documentOf(data.document_text ?? '');
  if (isRejection(document)) return document;
  const { base_url, operations } = data;
  const read = readOpenApi(document, { ...(base_url !== undefined && { base_url }), ...(operations && { operations }) });
  if ('problem' in read) return refuse(`${read.problem.field} ${read.problem.rule}; ${read.problem.remedy}.`, [read.problem]);
  const number = state.number + 1;
  const all = read.tools.map((tool) => identified(tool, { ...meta, number, headers: data.headers ?? {}, state }));
  const tools = all.filter(({ code, digest }) => state.digests[code] !== digest);
  const codes = new Set(all.map(({ code }) => code));
  const imported: Imported = {
    title: read.title,
    document_version: read.version,
    number,
    tools,
    unchanged: all.length - tools.length,
    removed: operations ? [] : Object.keys(state.digests).filter((code) => !codes.has(code)),
    skipped: read.skipped.map((each) => ({ ...each })),
  };
  if (tools.length === 0 && state.last && isSame(imported, state.last)) return [];
  if (Buffer.byteLength(JSON.stringify(imported)) > LARGEST_BYTES) {
    return refuse('The tools of this document are above 900 KB together; name those that you need in "operations".', [
      { field: '/operations', rule: 'is needed for a document of this size', remedy: 'name the operationIds that you need' },
    ]);
  }
  return [{ type: 'tool_import.imported', data: imported }];
}

const refuse = (message: string, errors?: Rejection['errors']): Rejection => reject('invalid', 'openapi-invalid', message, errors);
const isRejection = (value: JsonObject | Rejection): value is Rejection => 'rejected' in value && 'code' in value;

/** The same again: nothing of it is news. */
const isSame = (now: Imported, last: Imported): boolean =>
  now.title === last.title &&
  now.document_version === last.document_version &&
  JSON.stringify([now.removed, now.skipped]) === JSON.stringify([last.removed, last.skipped]);

function documentOf(text: string): JsonObject | Rejection {
  const read = /^\s*\{/.test(text) ? readJson(text) : readYaml(text);
  if ('problem' in read) {
    const { message, line, remedy } = read.problem;
    return refuse(`/document_text can't be read: ${message} (line ${line}).`, [{ field: '/document_text', rule: message, remedy }]);
  }
  // YAML of the core schema and JSON have no other values than JSON's.
  const value = read.value as JsonObject;
  return isObject(value) ? value : refuse('/document_text must be an object; give a whole OpenAPI document.');
}

function readJson(text: string): ReturnType<typeof readYaml> {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return readYaml(text);
  }
}

interface Place {
  readonly workspace_id: string;
  readonly stream_id: string;
  readonly number: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly state: ToolImportState;
}

function identified(tool: OperationTool, { workspace_id, stream_id, number, headers, state }: Place): ImportedTool {
  const code = `${stream_id}.${tool.operation}`;
  const { input_schema_json, description } = tool;
  const own = isObject(tool.invoke_config_json['headers']) ? tool.invoke_config_json['headers'] : {};
  const all = { ...own, ...headers };
  const invoke_config_json = { ...tool.invoke_config_json, ...(Object.keys(all).length > 0 && { headers: all }) } as ImportedTool['invoke_config_json'];
  const digest = hash('sha256', JSON.stringify([input_schema_json, invoke_config_json]));
  return {
    tool_id: `${stream_id}-${hash('sha256', tool.operation).slice(0, 32)}`,
    code,
    name: tool.operation,
    description,
    // Another one for a version that comes back: the newest version is the one that is called.
    tool_version_id: deterministicUuid(`${workspace_id}/${code}/${digest}/${number}`),
    input_schema_json,
    invoke_config_json,
    is_new: state.digests[code] === undefined,
    digest,
  };
}

function evolve(state: ToolImportState, { data }: ToolImportEvent): ToolImportState {
  const digests = { ...state.digests, ...Object.fromEntries(data.tools.map(({ code, digest }) => [code, digest])) };
  return { number: data.number, digests, last: data };
}

export const toolImportDecider: Decider<ToolImportState, ToolImportCommand, ToolImportEvent> = { initial, decide, evolve };

/** The import as commands answer it. */
export function toolImportView({ last }: ToolImportState, id: string): JsonObject | null {
  if (!last) return null;
  const { title, document_version, number, tools, unchanged, removed, skipped } = last;
  return { id, title, document_version, number, changed: tools.map(({ code }) => code), unchanged, removed, skipped };
}
