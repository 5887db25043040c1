import type { FastifyRequest } from 'fastify';
import { DOCUMENT_BYTES } from '@agent-platform/graph/document';
import { readJson } from '@agent-platform/graph/document-json';
import { readYaml } from '@agent-platform/graph/document-yaml';
import { Failure } from '@agent-platform/kernel/index';
import { FormBody, type TextBody } from './body-parsers.ts';
import { readForm } from './form-body.ts';

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
const EXTENSION = /\.(ya?ml|json)$/i;

/**
 * A workflow document that came as YAML text or as an uploaded file, as the data of a command. The text may also be
 * the whole request in YAML. Throws Failure('invalid'), with line and column where the text can't be read.
 */
export async function documentOf(request: FastifyRequest, body: TextBody | FormBody): Promise<Record<string, unknown>> {
  const query = Object.fromEntries(Object.entries(request.query as object).filter(([name]) => BESIDE.has(name)));
  if (!(body instanceof FormBody)) return { ...query, ...read(body.text, 'yaml') };
  const { name, fields } = await uploaded(request, body);
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
async function uploaded(request: FastifyRequest, body: FormBody): Promise<{ name: string; fields: Record<string, unknown> }> {
  const { files, texts } = await readForm(request, body);
  const [file] = files;
  if (!file || files.length !== 1) throw fileProblem(`must hold one file, not ${files.length}`, 'Send the document as one file.');
  const extension = EXTENSION.exec(file.name)?.[1]?.toLowerCase();
  if (extension === undefined) throw fileProblem('must be named .yaml, .yml or .json', 'Rename the file, or send its text as application/yaml.');
  const fields = Object.fromEntries(texts.filter(([name]) => BESIDE.has(name)));
  return { name: file.name.replace(EXTENSION, ''), fields: { ...read(await file.text(), extension === 'json' ? 'json' : 'yaml'), ...fields } };
}

const unreadable = (rule: string, remedy: string): Failure =>
  new Failure('invalid', 'document-unreadable', `The document ${rule}.`, { errors: [{ field: '', rule, remedy }] });
const fileProblem = (rule: string, remedy: string): Failure =>
  new Failure('invalid', 'bad-file', `The form ${rule}.`, { errors: [{ field: 'file', rule, remedy }] });
