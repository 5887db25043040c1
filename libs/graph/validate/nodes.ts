import type { WorkflowDefinition, WorkflowNode } from '@agent-platform/contracts/workflow/definition';
import { issueFields } from '@agent-platform/kernel/schema-fields';
import { type Findings, type NodeType, type NodeTypes, pointer, sentence, steps } from './finding.ts';

/** Node types and their configs: the type is known, its schema accepts the config, its own checks pass. */
export function checkNodes({ nodes }: WorkflowDefinition, types: NodeTypes, strict: boolean, findings: Findings): void {
  nodes.forEach((node, index) => {
    const type = types.get(node.type);
    if (type) checkConfig(node, index, type, findings);
    else
      (strict ? findings.errors : findings.warnings).push({
        code: 'node-type-unknown',
        node_id: node.id,
        field: pointer('nodes', index, 'type'),
        rule: `node "${node.id}": nobody here knows the type "${node.type}"`,
        remedy: strict
          ? 'Correct the type, or validate without strict to let the default executor take it.'
          : 'The default executor will pass its input on; correct the type if that is not meant.',
      });
  });
}

function checkConfig(node: WorkflowNode, index: number, type: NodeType, { errors }: Findings): void {
  const at = ['nodes', index, 'config'];
  const parsed = type.config.safeParse(node.config);
  for (const { field, rule, remedy = `see the config of the node type "${node.type}"` } of parsed.error?.issues.flatMap(issueFields) ?? []) {
    errors.push({
      code: 'config-invalid',
      node_id: node.id,
      field: `${pointer(...at)}${field}`,
      rule: `node "${node.id}" (${node.type}), ${['config', ...steps(field)].join('.')}: ${rule}`,
      remedy: sentence(remedy),
    });
  }
  if (!parsed.success) return;
  for (const { path, rule, remedy } of type.check?.(parsed.data) ?? []) {
    errors.push({
      code: 'config-invalid',
      node_id: node.id,
      field: pointer(...at, ...path.split('.')),
      rule: `node "${node.id}" (${node.type}), config.${path}: ${rule}`,
      remedy,
    });
  }
}

/** Conditions that the source can never choose: such an edge is never followed. */
export function checkRoutes({ nodes, edges }: WorkflowDefinition, types: NodeTypes, { warnings }: Findings): void {
  const routes = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const type = types.get(node.type);
    const config = type?.config.safeParse(node.config);
    const known = config?.success ? type?.routes?.(config.data) : null;
    if (known) routes.set(node.id, known);
  }
  edges.forEach(({ source, target, condition }, index) => {
    const known = routes.get(source);
    if (condition === undefined || !known || known.includes(condition)) return;
    warnings.push({
      code: 'edge-condition-never',
      edge: `${source} -> ${target}`,
      field: pointer('edges', index, 'condition'),
      rule: `edge ${source} -> ${target}: node "${source}" never takes the route "${condition}"`,
      remedy: known.length > 0 ? `Its routes are ${known.join(', ')}.` : 'It has no routes; remove the condition.',
    });
  });
}
