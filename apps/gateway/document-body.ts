import type { FastifyRequest } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { DOCUMENT_BYTES } from '@agent-platform/graph/document';
import { readJson } from '@agent-platform/graph/document-json';
import { readYaml } from '@agent-platform/graph/document-yaml';
import { Failure } from '@agent-platform/kernel/index';
import type { TextBody } from './body-parsers.ts';
import { onlyFile, readForm } from './form-body.ts';

/** Fields of a request that may stand beside the document: in its text, in a form, or in the query. */
const BESIDE: ReadonlySet<string> = new Set([
  'workflow_id',
  'workflow_version_id',
  'workspace_id',
  'tenant_id',
  'name',
  'code',
  'description',
  'app_id',
  'strict',
]);
const SPELLINGS: ReadonlySet<string> = new Set(['dsl_json', 'dsl_yaml']);
const REMEDY = 'send the document as one file';
const EXTENSION = /\.(ya?ml|json)$/i;

/**
 * A workflow document that came as YAML text or as an uploaded file, as the data of a command. The text may also be
 * the whole request in YAML. Throws Failure('invalid'), with line and column where the text can't be read.
 */
export async function documentOf(request: FastifyRequest, body: TextBody | null): Promise<Record<string, unknown>> {
  const query = Object.fromEntries(Object.entries(request.query as object).filter(([name]) => BESIDE.has(name)));
  if (body) return { ...query, ...read(body.text, 'yaml') };
  const { name, fields } = await uploaded(request);
  // A new workflow needs a name; without another it has that of its file.
  const named = request.method === 'POST' && request.routeOptions.url?.endsWith('/workflows') === true;
  return { ...(named && { name }), ...query, ...fields };
}

function read(text: string, format: 'yaml' | 'json'): Record<string, unknown> {
  if (Buffer.byteLength(text) > DOCUMENT_BYTES) throw unreadable(`has more than ${DOCUMENT_BYTES} bytes`, 'Split the workflow.');
  const parsed = format === 'json' ? readJson(text) : readYaml(text);
  if ('problem' in parsed) {
    const { message, remedy, line, column } = parsed.problem;
    throw unreadable(`${message} (line ${line}, column ${column})`, remedy);
  }
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable('must be an object with nodes and edges (line 1, column 1)', 'Write nodes: and edges:.');
  const fields = Object.entries(value);
  const document = fields.filter(([name]) => !BESIDE.has(name));
  const beside = Object.fromEntries(fields.filter(([name]) => BESIDE.has(name)));
  return document.some(([name]) => SPELLINGS.has(name))
    ? { ...beside, ...Object.fromEntries(document) }
    : { ...beside, dsl_json: Object.fromEntries(document) };
}

/** A form with one file, named .yaml, .yml or .json; its other fields stand beside the document. */
async function uploaded(request: FastifyRequest): Promise<{ name: string; fields: Record<string, unknown> }> {
  const form = await readForm(request, { files: 1, bytes: LIMITS.commandBytes, remedy: REMEDY });
  const { name, text } = onlyFile(form, REMEDY);
  const extension = EXTENSION.exec(name ?? '')?.[1]?.toLowerCase();
  if (extension === undefined) throw fileProblem('must be named .yaml, .yml or .json', 'Rename the file, or send its text as application/yaml.');
  const fields = Object.fromEntries(form.texts.filter(([field]) => BESIDE.has(field)));
  return { name: (name ?? '').replace(EXTENSION, ''), fields: { ...read(text, extension === 'json' ? 'json' : 'yaml'), ...fields } };
}

const unreadable = (rule: string, remedy: string): Failure =>
  new Failure('invalid', 'document-unreadable', `The document ${rule}.`, { errors: [{ field: '', rule, remedy }] });
const fileProblem = (rule: string, remedy: string): Failure =>
  new Failure('invalid', 'bad-file', `The form ${rule}.`, { errors: [{ field: 'file', rule, remedy }] });
