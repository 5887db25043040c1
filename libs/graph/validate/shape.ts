import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import type { z } from 'zod';
import { type Finding, pointer } from './finding.ts';

/** Parses the shape of a document. Errors name the node (by id, or by its place when it has none) and the field. */
export function readShape(value: unknown): { readonly definition: WorkflowDefinition } | { readonly errors: Finding[] } {
  const parsed = WorkflowDefinition.safeParse(value);
  return parsed.success ? { definition: parsed.data } : { errors: parsed.error.issues.map((issue) => shapeError(value, issue)) };
}

function shapeError(document: unknown, issue: z.core.$ZodIssue): Finding {
  const [list, index, ...rest] = issue.path;
  const inNode = list === 'nodes' && typeof index === 'number';
  const id = inNode ? textAt(document, 'nodes', index, 'id') : undefined;
  const edge =
    list === 'edges' && typeof index === 'number'
      ? `${textAt(document, 'edges', index, 'source') ?? '?'} -> ${textAt(document, 'edges', index, 'target') ?? '?'}`
      : undefined;
  const place = inNode ? `node ${id === undefined ? `number ${index + 1}` : `"${id}"`}` : edge !== undefined ? `edge ${edge}` : 'the document';
  const field = inNode || edge !== undefined ? rest.join('.') : issue.path.join('.');
  return {
    code: issue.code === 'unrecognized_keys' ? 'field-unknown' : 'field-invalid',
    field: pointer(...issue.path),
    rule: `${place}${field === '' ? '' : `, field "${field}"`}: ${issue.message}`,
    remedy:
      issue.code === 'unrecognized_keys'
        ? 'Remove the field, or check its spelling against the JSON Schema of the document.'
        : 'Give the field the type that the JSON Schema of the document asks for.',
    ...(id !== undefined && { node_id: id }),
    ...(edge !== undefined && { edge }),
  };
}

/** Text at a place of something unknown. */
function textAt(value: unknown, ...steps: readonly (string | number)[]): string | undefined {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return typeof at === 'string' ? at : undefined;
}
