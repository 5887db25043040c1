import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { issueFields } from '@agent-platform/kernel/schema-fields';
import type { z } from 'zod';
import { type Finding, sentence, steps } from './finding.ts';

/** Parses the shape of a document. Errors name the node (by id, or by its place when it has none) and the field. */
export function readShape(value: unknown): { readonly definition: WorkflowDefinition } | { readonly errors: Finding[] } {
  const parsed = WorkflowDefinition.safeParse(value);
  return parsed.success ? { definition: parsed.data } : { errors: parsed.error.issues.flatMap((issue) => shapeErrors(value, issue)) };
}

function shapeErrors(document: unknown, issue: z.core.$ZodIssue): Finding[] {
  const [list, index] = issue.path;
  const known = issue.code !== 'unrecognized_keys';
  const { about, ...place } = typeof index === 'number' ? placeOf(document, list, index) : WHOLE;
  return issueFields(issue).map(({ field, rule, remedy = 'change it to what the JSON Schema of the document asks for' }) => {
    const within = steps(field)
      .slice(about === WHOLE.about ? 0 : 2)
      .join('.');
    return {
      code: known ? 'field-invalid' : 'field-unknown',
      field,
      rule: `${about}${within === '' ? '' : `, field "${within}"`}: ${rule}`,
      remedy: sentence(remedy),
      ...place,
    };
  });
}

const WHOLE = { about: 'the document' };

/** The node or the edge that an entry of a list is. */
function placeOf(
  document: unknown,
  list: PropertyKey | undefined,
  index: number,
): { readonly about: string; readonly node_id?: string; readonly edge?: string } {
  const text = (field: string): string | undefined => textAt(document, String(list), index, field);
  if (list === 'nodes') {
    const id = text('id');
    return id === undefined ? { about: `node number ${index + 1}` } : { about: `node "${id}"`, node_id: id };
  }
  const edge = `${text('source') ?? '?'} -> ${text('target') ?? '?'}`;
  return { about: `edge ${edge}`, edge };
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
