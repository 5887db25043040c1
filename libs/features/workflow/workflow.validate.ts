import type { z } from 'zod';
import type { ValidateWorkflow, WorkflowValidation } from '@agent-platform/contracts/workflow/workflow.contract';
import { compile, plan, validate, type Finding } from '@agent-platform/graph/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import { EMPTY_DEFINITION, parseSource } from './workflow.document.ts';

type Request = z.output<typeof ValidateWorkflow>;
type Answer = z.output<typeof WorkflowValidation>;

/** Answers the validate and plan routes: everything that is wrong, and how the document would run. Stores nothing. */
export function validateRequest(request: Request, nodes: NodeRegistry): Answer {
  const read = parseSource(request, EMPTY_DEFINITION) ?? { definition: EMPTY_DEFINITION };
  if ('errors' in read) return { valid: false, errors: read.errors.map(problem), warnings: [], plan: null };
  const { valid, errors, warnings } = validate(read.definition, nodes, { strict: request.strict });
  const { entry, groups, unordered } = plan(compile(read.definition));
  return {
    valid,
    errors: errors.map(problem),
    warnings: warnings.map(problem),
    plan: { entry: [...entry], groups: groups.map((group) => [...group]), unordered: [...unordered] },
  };
}

const problem = (finding: Finding): Answer['errors'][number] => {
  const { node_ids, ...rest } = finding;
  return node_ids ? { ...rest, node_ids: [...node_ids] } : rest;
};
