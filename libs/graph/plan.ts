import type { Graph } from './graph.ts';

/** How a workflow will run, for people. */
export interface Plan {
  /** Nodes a run begins with. */
  readonly entry: readonly string[];
  /** Nodes that may run at the same time, one group after the other; inside a group in document order. */
  readonly groups: readonly (readonly string[])[];
  /** Nodes that can never run, because they are on a cycle or behind one. */
  readonly unordered: readonly string[];
}

/** A node's group is the longest way to it from an entry node. O(nodes + edges). */
export function plan(graph: Graph): Plan {
  const depths = new Map<string, number>();
  const groups: string[][] = [];
  for (const id of graph.order) {
    const depth = graph.incoming(id).reduce((most, edge) => Math.max(most, (depths.get(edge.source) ?? 0) + 1), 0);
    depths.set(id, depth);
  }
  for (const { id } of graph.nodes) {
    const depth = depths.get(id);
    if (depth !== undefined) (groups[depth] ??= []).push(id);
  }
  return { entry: graph.entry, groups, unordered: graph.unordered };
}
