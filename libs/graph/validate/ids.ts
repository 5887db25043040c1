import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { PROTOTYPE_WORDS } from '../path.ts';
import { type Findings, pointer } from './finding.ts';

/** Node ids: each once, and none of the words that reach a prototype. */
export function checkIds({ nodes }: WorkflowDefinition, { errors }: Findings): void {
  const first = new Map<string, number>();
  nodes.forEach(({ id }, index) => {
    const field = pointer('nodes', index, 'id');
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else
      errors.push({
        code: 'node-id-duplicate',
        node_id: id,
        field,
        rule: `node "${id}" is there twice: number ${before + 1} and number ${index + 1}`,
        remedy: 'Give every node its own id.',
      });
    if (PROTOTYPE_WORDS.has(id))
      errors.push({
        code: 'node-id-reserved',
        node_id: id,
        field,
        rule: `"${id}" can't be the id of a node`,
        remedy: `Choose another id than ${[...PROTOTYPE_WORDS].join(', ')}.`,
      });
  });
}
