import type { Graph } from '../graph.ts';
import type { Findings } from './finding.ts';

const MAX_REPORTED = 10;

/** Cycles: one error each, with the node ids in order; cycles that share a node are reported one at a time. */
export function checkCycles(graph: Graph, { errors }: Findings): void {
  const left = new Set(graph.unordered);
  for (let reported = 0; reported < MAX_REPORTED; reported++) {
    const cycle = findCycle(graph, left);
    if (!cycle) return;
    for (const id of cycle) left.delete(id);
    const way = [...cycle, cycle[0]].join(' -> ');
    errors.push({
      code: 'cycle',
      field: '/edges',
      rule: `the nodes ${way} form a cycle`,
      remedy: 'Remove one of its edges: a workflow of type dag runs every node once.',
      node_ids: cycle,
      ...(cycle[0] !== undefined && { node_id: cycle[0] }),
    });
  }
}

/** Drops what leads nowhere; from whatever is left every step forward stays inside, so a walk must meet itself. */
function findCycle(graph: Graph, left: Set<string>): string[] | null {
  const onward = (id: string): string[] => graph.outgoing(id).flatMap(({ target }) => (target !== id && left.has(target) ? [target] : []));
  const ways = new Map([...left].map((id) => [id, onward(id).length]));
  const ends = [...left].filter((id) => ways.get(id) === 0);
  for (const id of ends) {
    left.delete(id);
    for (const { source } of graph.incoming(id)) {
      if (source === id || !left.has(source)) continue;
      const open = (ways.get(source) ?? 0) - 1;
      ways.set(source, open);
      if (open === 0) ends.push(source);
    }
  }
  const walked = new Map<string, number>();
  for (let [id] = left; id !== undefined; [id] = onward(id)) {
    const met = walked.get(id);
    if (met !== undefined) return [...walked.keys()].slice(met);
    walked.set(id, walked.size);
  }
  return null;
}
