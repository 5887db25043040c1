import type { WorkflowDefinition, WorkflowEdge } from '@agent-platform/contracts/workflow/definition';
import fc from 'fast-check';

export const ROUTES = ['left', 'right'] as const;

/** A document of nodes `n0`, `n1` … and edges written as `a>b` or, with a condition, `a>b?left`. */
export function drawn(count: number, ...edges: readonly string[]): WorkflowDefinition {
  const nodes = Array.from({ length: count }, (_, i) => ({ id: `n${i}`, type: 'start', config: {} }));
  return { dsl_version: '1', type: 'dag', nodes, edges: edges.map(drawnEdge) };
}

function drawnEdge(text: string): WorkflowEdge {
  const [ends = '', condition] = text.split('?');
  const [source = '', target = ''] = ends.split('>');
  return { source: `n${source}`, target: `n${target}`, ...(condition !== undefined && { condition }) };
}

/** Random acyclic documents: parallel edges, several entries, conditions and shuffled document order included. */
export const arbitraryDag: fc.Arbitrary<WorkflowDefinition> = fc.integer({ min: 1, max: 14 }).chain((count) => {
  const edge = fc.record({
    a: fc.nat(count - 1),
    b: fc.nat(count - 1),
    condition: fc.option(fc.constantFrom(...ROUTES), { nil: undefined }),
  });
  return fc.tuple(fc.array(edge, { maxLength: count * 3 }), fc.shuffledSubarray([...Array(count).keys()], { minLength: count })).map(([edges, order]) => ({
    ...drawn(0),
    nodes: order.map((i) => ({ id: `n${i}`, type: 'start', config: {} })),
    edges: edges
      .filter(({ a, b }) => a !== b)
      .map(({ a, b, condition }) => ({ source: `n${Math.min(a, b)}`, target: `n${Math.max(a, b)}`, ...(condition && { condition }) })),
  }));
});
