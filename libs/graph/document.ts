import { createHash } from 'node:crypto';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { z } from 'zod';
import { readJson } from './document-json.ts';
import { readYaml } from './document-yaml.ts';
import type { TextProblem } from './text-place.ts';
import { type Finding, pointer } from './validate/finding.ts';
import { readShape } from './validate/shape.ts';

export type DocumentFormat = 'json' | 'yaml';

/** A finding about a text that can't be read says where. */
export type DocumentError = Finding & { readonly line?: number; readonly column?: number };

export type ParsedDocument = { readonly document: JsonValue; readonly definition: WorkflowDefinition } | { readonly errors: readonly DocumentError[] };

/** Largest document, in bytes of text. */
export const DOCUMENT_BYTES = 1_000_000;

/**
 * Reads a workflow document, as text or as a value, and normalizes it: the same document gives the same bytes whatever its
 * spelling. Without a format, text that begins with a brace is tried as JSON and then as YAML. `document` is the value as
 * it was written. Errors are values; this checks the shape only, `validate` does the rest.
 */
export function parseDocument(source: unknown, format?: DocumentFormat): ParsedDocument {
  const read = typeof source === 'string' ? readText(source, format) : { value: source };
  if ('problem' in read) {
    const { message, remedy, line, column } = read.problem;
    return { errors: [{ code: 'document-unreadable', field: '', rule: `${message} (line ${line}, column ${column})`, remedy, line, column }] };
  }
  const refused = refusedValue(read.value);
  if (refused) return { errors: [refused] };
  const shape = readShape(read.value);
  return 'errors' in shape ? shape : { document: read.value as JsonValue, definition: normalize(shape.definition) };
}

type Read = { readonly value: unknown } | { readonly problem: TextProblem };

function readText(source: string, format: DocumentFormat | undefined): Read {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const bytes = Buffer.byteLength(text);
  if (bytes > DOCUMENT_BYTES)
    return {
      problem: {
        message: `The document has ${bytes} bytes, the limit is ${DOCUMENT_BYTES}`,
        remedy: 'Split the workflow, or move large texts into its input.',
        line: 1,
        column: 1,
      },
    };
  if (format === 'yaml') return readYaml(text);
  if (format === 'json' || !text.trimStart().startsWith('{')) return format === 'json' ? readJson(text) : readYaml(text);
  const json = readJson(text);
  // A YAML flow mapping begins with a brace too; when it is neither, the JSON error is the likely one.
  const yaml = 'problem' in json && json.mayBeYaml ? readYaml(text) : json;
  return 'problem' in yaml ? json : yaml;
}

/** What no document may hold, however it came: deep nesting, numbers that JSON lacks, keys that reach a prototype. */
function refusedValue(root: unknown): DocumentError | null {
  const open: { readonly value: unknown; readonly steps: readonly PropertyKey[] }[] = [{ value: root, steps: [] }];
  const refuse = (steps: readonly PropertyKey[], rule: string, remedy: string): DocumentError => ({
    code: 'document-refused',
    field: pointer(...steps.slice(0, 10)),
    rule,
    remedy,
  });
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { value, steps } = at;
    if (steps.length > LIMITS.jsonDepth) return refuse(steps, `the document is nested more than ${LIMITS.jsonDepth} deep`, 'Flatten it.');
    if (typeof value === 'number' && !Number.isFinite(value)) return refuse(steps, `"${steps.join('.')}" is not a finite number`, 'Write a decimal number.');
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') return refuse(steps, `"${key}" can't be a key`, 'Rename the field.');
      open.push({ value: item, steps: [...steps, key] });
    }
  }
  return null;
}

/** JSON with sorted keys and no spaces: equal values give equal text. Takes plain JSON data. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
    .join(',')}}`;
}

/** The document with sorted keys: equal documents serialize to equal bytes. */
export const normalize = (definition: WorkflowDefinition): WorkflowDefinition => JSON.parse(canonicalJson(definition)) as WorkflowDefinition;

/** SHA-256 of the canonical JSON, in hex. */
export const contentHash = (definition: WorkflowDefinition): string => createHash('sha256').update(canonicalJson(definition)).digest('hex');

/** JSON Schema (2020-12) of the document as people write it. */
export const jsonSchema = (): Record<string, unknown> => ({
  $id: 'workflow-1',
  title: 'Workflow document',
  ...z.toJSONSchema(WorkflowDefinition, { io: 'input' }),
});
