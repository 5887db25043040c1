import type { WorkflowDefinition, WorkflowEdge, WorkflowNode } from '@agent-platform/contracts/workflow/definition';

/** An edge of a compiled graph. The two places are its positions in `outgoing(source)` and `incoming(target)`. */
export interface GraphEdge extends WorkflowEdge {
  /** Position in the document's list of edges. */
  readonly index: number;
  readonly placeOut: number;
  readonly placeIn: number;
}

/** A workflow document in the form the hot path asks: made once per version, immutable, every query O(1). */
export interface Graph {
  /** In document order. */
  readonly nodes: readonly WorkflowNode[];
  /** Nodes without an incoming edge, in document order: a run begins with these. */
  readonly entry: readonly string[];
  /** Every node after all its sources; nodes on a cycle, and nodes behind one, are left out. */
  readonly order: readonly string[];
  /** The nodes left out of `order`; empty for a valid document. */
  readonly unordered: readonly string[];
  has(id: string): boolean;
  node(id: string): WorkflowNode | undefined;
  /** Position in the document; -1 for an unknown id. */
  position(id: string): number;
  /** Empty for an unknown id. */
  outgoing(id: string): readonly GraphEdge[];
  incoming(id: string): readonly GraphEdge[];
}

interface Place {
  readonly node: WorkflowNode;
  readonly position: number;
  readonly outgoing: GraphEdge[];
  readonly incoming: GraphEdge[];
}

const NONE: readonly GraphEdge[] = Object.freeze([]);

/**
 * Compiles a document in O(nodes + edges). Total: what `validate` refuses is compiled too, so that a plan of a
 * half-drawn document can be shown; then the first of two nodes with one id counts, and edges with an unknown end are dropped.
 */
export function compile(definition: Pick<WorkflowDefinition, 'nodes' | 'edges'>): Graph {
  const places = new Map<string, Place>();
  for (const node of definition.nodes) {
    if (!places.has(node.id)) places.set(node.id, { node, position: places.size, outgoing: [], incoming: [] });
  }
  definition.edges.forEach((edge, index) => {
    const source = places.get(edge.source);
    const target = places.get(edge.target);
    if (!source || !target) return;
    const compiled: GraphEdge = Object.freeze({ ...edge, index, placeOut: source.outgoing.length, placeIn: target.incoming.length });
    source.outgoing.push(compiled);
    target.incoming.push(compiled);
  });
  const entry = [...places.values()].filter((place) => place.incoming.length === 0).map((place) => place.node.id);
  const order = topologicalOrder(places, entry);
  const ordered = new Set(order);
  return Object.freeze({
    nodes: [...places.values()].map((place) => place.node),
    entry,
    order,
    unordered: [...places.keys()].filter((id) => !ordered.has(id)),
    has: (id: string) => places.has(id),
    node: (id: string) => places.get(id)?.node,
    position: (id: string) => places.get(id)?.position ?? -1,
    outgoing: (id: string) => places.get(id)?.outgoing ?? NONE,
    incoming: (id: string) => places.get(id)?.incoming ?? NONE,
  });
}

/** Kahn 1962, first in first out: deterministic, and nearly in document order. */
function topologicalOrder(places: ReadonlyMap<string, Place>, entry: readonly string[]): string[] {
  const open = new Map<string, number>();
  for (const [id, place] of places) open.set(id, place.incoming.length);
  const order = [...entry];
  // An array grows while it is iterated: the queue is the result.
  for (const id of order) {
    for (const edge of places.get(id)?.outgoing ?? NONE) {
      const left = (open.get(edge.target) ?? 0) - 1;
      open.set(edge.target, left);
      if (left === 0) order.push(edge.target);
    }
  }
  return order;
}
