import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { normalize, parseDocument, validate, type DocumentError, type Finding } from '@agent-platform/graph/index';
import { reject, type Rejection } from '@agent-platform/kernel/index';

/** The document as a command or a validate request gives it: one of the three spellings. */
export interface DocumentSource {
  readonly nodes?: readonly JsonObject[] | undefined;
  readonly edges?: readonly JsonObject[] | undefined;
  readonly dsl_json?: JsonObject | undefined;
  readonly dsl_yaml?: string | undefined;
}

export interface Document {
  /** As it was written. */
  readonly dsl_json: JsonObject;
  /** Normalized: equal documents are equal bytes. */
  readonly definition: WorkflowDefinition;
}

export type ReadDocument = Document | { readonly errors: readonly DocumentError[] } | null;

/**
 * Reads the given spelling, null when none is given; `nodes` without `edges`, or the other way round, change that
 * half of `base`. Pure and total.
 */
export function parseSource({ nodes, edges, dsl_json, dsl_yaml }: DocumentSource, base: WorkflowDefinition): ReadDocument {
  const parts = nodes || edges ? { type: base.type, nodes: nodes ?? base.nodes, edges: edges ?? base.edges } : undefined;
  const given = [parts, dsl_json, dsl_yaml].filter((source) => source !== undefined);
  if (given.length === 0) return null;
  if (given.length > 1) {
    const rule = 'give the document once: as nodes and edges, as dsl_json, or as dsl_yaml';
    return { errors: [{ code: 'document-twice', field: '', rule, remedy: 'Remove the other spellings.' }] };
  }
  const parsed = parseDocument(given[0]);
  // What has the shape of a definition is an object.
  return 'errors' in parsed ? parsed : { dsl_json: parsed.document as JsonObject, definition: parsed.definition };
}

/** Mistakes that no saved document may have: the rest is allowed in a draft and refused when it is published. */
const STRUCTURE: ReadonlySet<string> = new Set(['node-id-duplicate', 'node-id-reserved', 'edge-node-unknown', 'edge-self', 'edge-mapping', 'cycle']);
const NO_TYPES = { get: () => undefined };

/** Reads a document that is to be saved; refuses what has not the shape of a workflow, naming node, field and edge. */
export function readDocument(source: DocumentSource, base: WorkflowDefinition): Document | Rejection | null {
  const read = parseSource(source, base);
  if (read === null) return null;
  if ('errors' in read) return refuseDocument(read.errors);
  const errors = validate(read.definition, NO_TYPES, { strict: false }).errors.filter(({ code }) => STRUCTURE.has(code));
  return errors.length === 0 ? read : refuseDocument(errors);
}

/** The one refusal of a document, with everything that is wrong. */
export const refuseDocument = (errors: readonly Finding[]): Rejection =>
  reject(
    'invalid',
    'workflow-invalid',
    `The workflow is not valid: ${errors[0]?.rule ?? 'see errors'}.`,
    errors.map(({ field, rule, remedy }) => ({ field, rule, remedy })),
  );

/** Definitions are JSON by their schema; only their optional fields keep TypeScript from seeing it. */
export const asJson = (definition: WorkflowDefinition): JsonObject => definition as unknown as JsonObject;

/** A workflow without nodes. */
export const EMPTY_DEFINITION: WorkflowDefinition = normalize({ dsl_version: '1', type: 'dag', nodes: [], edges: [] });
