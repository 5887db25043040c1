import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from './graph.ts';
import { arbitraryDag, drawn } from './testing/arbitrary-graph.ts';

describe('compile', () => {
  test('answers nodes, edges, entries and order', () => {
    const graph = compile(drawn(4, '0>1', '0>2', '1>3', '2>3'));
    expect(graph.entry).toEqual(['n0']);
    expect(graph.order).toEqual(['n0', 'n1', 'n2', 'n3']);
    expect(graph.outgoing('n0').map((edge) => edge.target)).toEqual(['n1', 'n2']);
    expect(graph.incoming('n3').map((edge) => [edge.source, edge.placeIn])).toEqual([
      ['n1', 0],
      ['n2', 1],
    ]);
    expect(graph.node('n2')?.type).toBe('start');
    expect([graph.has('n9'), graph.node('n9'), graph.position('n9'), graph.outgoing('n9')]).toEqual([false, undefined, -1, []]);
  });

  test('is total: unknown ends and cycles are compiled around', () => {
    const graph = compile(drawn(4, '0>1', '1>2', '2>1', '2>3', '0>9'));
    expect(graph.order).toEqual(['n0']);
    expect(graph.unordered).toEqual(['n1', 'n2', 'n3']);
    expect(graph.outgoing('n0')).toHaveLength(1);
  });

  test('puts every node of a random acyclic document after its sources', () => {
    fc.assert(
      fc.property(arbitraryDag, (definition) => {
        const graph = compile(definition);
        const place = new Map(graph.order.map((id, i) => [id, i]));
        expect(graph.unordered).toEqual([]);
        for (const edge of definition.edges) expect(place.get(edge.source)).toBeLessThan(place.get(edge.target) ?? -1);
      }),
    );
  });
});
