import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { PROTOTYPE_WORDS } from '../path.ts';
import { type Findings, pointer } from './finding.ts';

/** Edges: both ends exist and differ, no edge is there twice, mappings are paths. */
export function checkEdges({ nodes, edges }: WorkflowDefinition, { errors, warnings }: Findings): void {
  const ids = new Set(nodes.map((node) => node.id));
  const seen = new Set<string>();
  edges.forEach(({ source, target, condition, mapping }, index) => {
    const edge = `${source} -> ${target}`;
    for (const end of ['source', 'target'] as const) {
      const id = end === 'source' ? source : target;
      if (!ids.has(id))
        errors.push({
          code: 'edge-node-unknown',
          edge,
          field: pointer('edges', index, end),
          rule: `edge ${edge}: there is no node "${id}"`,
          remedy: `Add a node with the id "${id}", or correct the ${end} of the edge.`,
        });
    }
    if (source === target)
      errors.push({
        code: 'edge-self',
        edge,
        node_id: source,
        field: pointer('edges', index),
        rule: `edge ${edge}: a node can't follow itself`,
        remedy: 'Remove the edge; to try a node again give it a retry policy.',
      });
    const key = `${edge}?${condition ?? ''}`;
    if (seen.has(key))
      warnings.push({
        code: 'edge-duplicate',
        edge,
        field: pointer('edges', index),
        rule: `edge ${edge} is there twice with the same condition`,
        remedy: 'Remove one of the two.',
      });
    seen.add(key);
    for (const [name, path] of Object.entries(mapping ?? {})) {
      const bad = [name, ...path.split('.')].find((step) => step === '' || PROTOTYPE_WORDS.has(step));
      if (bad !== undefined)
        errors.push({
          code: 'edge-mapping',
          edge,
          field: pointer('edges', index, 'mapping', name),
          rule: `edge ${edge}: "${name}: ${path}" is not a name and a path`,
          remedy: 'Write names joined by single dots, like customer: output.customer.',
        });
    }
  });
}
