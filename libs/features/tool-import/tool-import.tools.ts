import { hash } from 'node:crypto';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { readJson } from '@agent-platform/graph/document-json';
import { readYaml } from '@agent-platform/graph/document-yaml';
import { deterministicUuid, reject, type Rejection } from '@agent-platform/kernel/index';
import { readOpenApi } from './openapi.document.ts';
import type { OperationTool } from './openapi.operation.ts';
import { isObject } from './openapi.schema.ts';
import type { Imported, ToolImportState } from './tool-import.state.ts';

type ImportedTool = Imported['tools'][number];

/** Event data lies in the log as one value. */
const LARGEST_BYTES = 900_000;

/** What is to be made of a document, or of the text of one. */
export interface Wanted {
  readonly document?: JsonObject | undefined;
  readonly document_text?: string | undefined;
  readonly base_url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly check_outputs?: boolean | undefined;
}

/** The tools of a document, of which those that are new or differ from before are named; null: nothing of it is news. */
export function importOf(
  wanted: Wanted,
  meta: { readonly workspace_id: string; readonly stream_id: string },
  state: ToolImportState,
): Imported | Rejection | null {
  const { base_url, operations, headers = {}, check_outputs = false } = wanted;
  const document = wanted.document ?? documentOf(wanted.document_text ?? '');
  if (isRejection(document)) return document;
  const read = readOpenApi(document, { check_outputs, ...(base_url !== undefined && { base_url }), ...(operations && { operations }) });
  if ('problem' in read)
    return refuse(`${read.problem.field}${placeOf(read.problem.field, wanted.document_text)} ${read.problem.rule}; ${read.problem.remedy}.`, [read.problem]);
  const number = state.number + 1;
  const all = read.tools.map((tool) => identified(tool, { ...meta, number, headers, state, check_outputs }));
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
  if (tools.length === 0 && state.last && isSame(imported, state.last)) return null;
  if (Buffer.byteLength(JSON.stringify(imported)) <= LARGEST_BYTES) return imported;
  return refuse('The tools of this document are above 900 KB together; name those that you need in "operations".', [
    { field: '/operations', rule: 'is needed for a document of this size', remedy: 'name the operationIds that you need' },
  ]);
}

const refuse = (message: string, errors?: Rejection['errors']): Rejection => reject('invalid', 'openapi-invalid', message, errors);
export const isRejection = (value: object | null): value is Rejection => value !== null && 'rejected' in value && 'code' in value;

/** The same again: nothing of it is news. */
const isSame = (now: Imported, last: Imported): boolean =>
  now.title === last.title &&
  now.document_version === last.document_version &&
  JSON.stringify([now.removed, now.skipped]) === JSON.stringify([last.removed, last.skipped]);

function documentOf(text: string): JsonObject | Rejection {
  const json = /^\s*\{/.test(text) ? readJson(text) : null;
  // A mapping of YAML may begin with a brace, too.
  const read = json && (!('problem' in json) || !json.mayBeYaml) ? json : readYaml(text);
  if ('problem' in read) {
    const { message, line, column, remedy } = json && 'problem' in json ? json.problem : read.problem;
    return refuse(`/document_text can't be read: ${message} (line ${line}, column ${column}).`, [{ field: '/document_text', rule: message, remedy }]);
  }
  // YAML of the core schema and JSON have no other values than JSON's.
  const value = read.value as JsonObject;
  return isObject(value) ? value : refuse('/document_text must be an object (line 1); give a whole OpenAPI document.');
}

/** The line of a member at the top of a document, which is as far as what is wrong with a whole document lies. */
function placeOf(field: string, text: string | undefined): string {
  const name = /^\/document\/(\w+)$/.exec(field)?.[1];
  if (name === undefined || text === undefined) return '';
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${name}:`) || line.startsWith(`"${name}":`) || line.trimStart().startsWith(`"${name}"`));
  return ` (line ${at === -1 ? 1 : at + 1})`;
}

interface Place {
  readonly workspace_id: string;
  readonly stream_id: string;
  readonly number: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly state: ToolImportState;
  readonly check_outputs: boolean;
}

function identified(tool: OperationTool, { workspace_id, stream_id, number, headers, state, check_outputs }: Place): ImportedTool {
  const code = `${stream_id}.${tool.operation}`;
  const { input_schema_json, output_schema_json, description } = tool;
  const promised = output_schema_json && { output_schema_json, ...(!check_outputs && { check_output: false as const }) };
  const own = isObject(tool.invoke_config_json['headers']) ? tool.invoke_config_json['headers'] : {};
  const all = { ...own, ...headers };
  const invoke_config_json = { ...tool.invoke_config_json, ...(Object.keys(all).length > 0 && { headers: all }) } as ImportedTool['invoke_config_json'];
  const digest = hash('sha256', JSON.stringify([input_schema_json, invoke_config_json, ...(promised ? [promised] : [])]));
  return {
    tool_id: `${stream_id}-${hash('sha256', tool.operation).slice(0, 32)}`,
    code,
    name: tool.operation,
    description,
    // Another one for a version that comes back: the newest version is the one that is called.
    tool_version_id: deterministicUuid(`${workspace_id}/${code}/${digest}/${number}`),
    input_schema_json,
    ...promised,
    invoke_config_json,
    is_new: state.digests[code] === undefined,
    digest,
  };
}
