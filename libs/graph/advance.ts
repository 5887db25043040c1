import type { Graph, GraphEdge } from './graph.ts';

/**
 * Where a node of a run stands, as routing sees it. `open` (begun, not ended) and `failed` decide no edge.
 * A caller may answer undefined for them too, as long as it names each finished node to `next` only once.
 */
export interface NodeProgress {
  readonly status: 'completed' | 'skipped' | 'failed' | 'open';
  /** Of a completed node: which of its edges with a condition are followed. */
  readonly route?: string | undefined;
}

export type StatusOf = (id: string) => NodeProgress | undefined;

/** What routing decides, each list in document order. */
export interface Advance {
  /** All incoming edges are decided and at least one is followed. */
  readonly ready: string[];
  /** All incoming edges are decided and none is followed; skipping has been carried on to the end. */
  readonly skipped: string[];
}

/** Whether an edge is followed: its source completed, and the edge has no condition or the one that equals the route. */
const isFollowed = (edge: GraphEdge, source: NodeProgress | undefined): boolean =>
  source?.status === 'completed' && (edge.condition === undefined || edge.condition === source.route);

/** Whether an edge can still go either way. */
const isUndecided = (source: NodeProgress | undefined): boolean => source?.status !== 'completed' && source?.status !== 'skipped';

/**
 * What follows from the nodes that have just ended, looking only at their successors.
 * `statusOf` already answers `completed` or `skipped` for them.
 *
 * Cost: a call looks at the edges that leave the finished nodes, and searches each join for an edge that is still
 * undecided, from the finished edge outwards in both directions. Two searches of one join that both see more than r
 * decided neighbours are more than r edges apart (the earlier one would have met the later one's edge undecided), so all
 * searches of a join with n edges cost O(n log n) over a whole run, whatever the order of completion, and without any state
 * kept between calls.
 */
export function next(graph: Graph, statusOf: StatusOf, finished: readonly string[]): Advance {
  return advance(graph, statusOf, finished, []);
}

/**
 * The same rule for a whole run, when it is not known what ended last: every node that has not begun, and could.
 * Nodes that have begun must be `open`, otherwise they are named again. O(nodes + edges).
 */
export function resolve(graph: Graph, statusOf: StatusOf): Advance {
  const entry = graph.entry.filter((id) => statusOf(id) === undefined);
  const decided = graph.order.filter((id) => !isUndecided(statusOf(id)));
  return advance(graph, statusOf, decided, entry);
}

function advance(graph: Graph, statusOf: StatusOf, finished: readonly string[], entry: readonly string[]): Advance {
  const ready = new Set(entry);
  const skipped = new Set<string>();
  const waitsFor = new Map<string, string>();
  const now: StatusOf = (id) => (skipped.has(id) ? { status: 'skipped' } : statusOf(id));
  const ended = [...finished];
  // The array grows while it is iterated: a skipped node has ended too.
  for (const id of ended) {
    for (const edge of graph.outgoing(id)) {
      const { target } = edge;
      if (ready.has(target) || now(target) !== undefined) continue;
      const known = waitsFor.get(target);
      if (known !== undefined && isUndecided(now(known))) continue;
      const incoming = graph.incoming(target);
      const undecided = findUndecided(incoming, edge.placeIn, now);
      if (undecided !== undefined) waitsFor.set(target, undecided.source);
      else if (incoming.some((each) => isFollowed(each, now(each.source)))) ready.add(target);
      else {
        skipped.add(target);
        ended.push(target);
      }
    }
  }
  const inDocument = (a: string, b: string): number => graph.position(a) - graph.position(b);
  return { ready: [...ready].toSorted(inDocument), skipped: [...skipped].toSorted(inDocument) };
}

/** Nearest undecided edge, searched from `start` outwards in both directions (see `next` for why). */
function findUndecided(edges: readonly GraphEdge[], start: number, statusOf: StatusOf): GraphEdge | undefined {
  for (let below = start, above = start + 1; below >= 0 || above < edges.length; below--, above++) {
    const before = below >= 0 ? edges[below] : undefined;
    if (before && isUndecided(statusOf(before.source))) return before;
    const after = edges[above];
    if (after && isUndecided(statusOf(after.source))) return after;
  }
  return undefined;
}
