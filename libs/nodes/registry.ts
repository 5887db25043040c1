import type { AnyNode, NodeRegistry } from './node.ts';

/**
 * Node types by every name they have. A name given twice is an error of the program, found when it starts.
 * @throws Error naming the type and the two nodes that claim it.
 */
export function registryOf(nodes: readonly AnyNode[], fallback?: AnyNode): NodeRegistry {
  const byName = new Map<string, AnyNode>();
  for (const node of nodes) {
    for (const type of node.types) {
      const holder = byName.get(type);
      if (holder) throw new Error(`Node type "${type}" of "${node.types[0]}" is taken by "${holder.types[0]}"; give it another name.`);
      byName.set(type, node);
    }
  }
  return fallback ? Object.assign(byName, { fallback }) : byName;
}
