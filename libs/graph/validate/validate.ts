import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { compile } from '../graph.ts';
import { checkCycles } from './cycles.ts';
import { checkEdges } from './edges.ts';
import type { Finding, Findings, NodeTypes } from './finding.ts';
import { checkIds } from './ids.ts';
import { checkNodes, checkRoutes } from './nodes.ts';
import { checkReferences } from './references.ts';
import { readShape } from './shape.ts';

export interface ValidateOptions {
  /** Unknown node types are errors; otherwise warnings, and the default executor takes them. Default true. */
  readonly strict?: boolean;
  /** A document without nodes is valid: it may be saved, but not published or run. Default true. */
  readonly allowEmpty?: boolean;
}

export interface Validation {
  readonly valid: boolean;
  /** The parsed document with its defaults; null when its shape is wrong. */
  readonly definition: WorkflowDefinition | null;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Findings of each kind beyond this many are left out. */
const MAX_FINDINGS = 200;

/** Checks a document of any origin against every rule, and reports everything that is wrong at once. Pure and total. */
export function validate(document: unknown, types: NodeTypes, options: ValidateOptions = {}): Validation {
  const { strict = true, allowEmpty = true } = options;
  const shape = readShape(document);
  if ('errors' in shape) return { valid: false, definition: null, errors: shape.errors.slice(0, MAX_FINDINGS), warnings: [] };
  const { definition } = shape;
  const findings: Findings = { errors: [], warnings: [] };
  const graph = compile(definition);
  checkIds(definition, findings);
  checkEdges(definition, findings);
  checkCycles(graph, findings);
  checkNodes(definition, types, strict, findings);
  checkReferences(definition, graph, findings);
  checkRoutes(definition, types, findings);
  if (!allowEmpty && definition.nodes.length === 0)
    findings.errors.push({
      code: 'nodes-empty',
      field: '/nodes',
      rule: 'the document has no nodes',
      remedy: 'Add at least one node before publishing or running it.',
    });
  const errors = firstOfEach(findings.errors);
  return { valid: errors.length === 0, definition, errors, warnings: firstOfEach(findings.warnings) };
}

/** A node type's own check and the general ones may find the same mistake: one finding per code's field is enough. */
function firstOfEach(findings: readonly Finding[]): Finding[] {
  const fields = new Set<string>();
  const first: Finding[] = [];
  for (const finding of findings) {
    const general = finding.code === 'cycle' || finding.code.startsWith('reference-') || finding.code === 'template-name-unknown';
    const key = general ? `${finding.field} ${finding.rule}` : finding.field;
    if (fields.has(key)) continue;
    fields.add(key);
    first.push(finding);
  }
  return first.slice(0, MAX_FINDINGS);
}
