import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { next, type NodeProgress, resolve } from './advance.ts';
import { compile, type Graph } from './graph.ts';
import { arbitraryDag, drawn, ROUTES } from './testing/arbitrary-graph.ts';

const completed = (route?: string): NodeProgress => ({ status: 'completed', route });
const from = (record: Record<string, NodeProgress>) => (id: string) => record[id];

describe('next', () => {
  test('follows an edge without a condition', () => {
    expect(next(compile(drawn(2, '0>1')), from({ n0: completed() }), ['n0'])).toEqual({ ready: ['n1'], skipped: [] });
  });

  test('follows only the edge whose condition is the route, and the ones without', () => {
    const graph = compile(drawn(4, '0>1?true', '0>2?false', '0>3'));
    expect(next(graph, from({ n0: completed('true') }), ['n0'])).toEqual({ ready: ['n1', 'n3'], skipped: ['n2'] });
  });

  test('a join waits for all its sources, and runs when one was skipped', () => {
    const graph = compile(drawn(4, '0>1?a', '0>2?b', '1>3', '2>3'));
    const afterSplit = next(graph, from({ n0: completed('a') }), ['n0']);
    expect(afterSplit).toEqual({ ready: ['n1'], skipped: ['n2'] });
    const end = next(graph, from({ n0: completed('a'), n1: completed(), n2: { status: 'skipped' } }), ['n1']);
    expect(end).toEqual({ ready: ['n3'], skipped: [] });
  });

  test('skipping carries on to the end of the untaken branch in one call', () => {
    const graph = compile(drawn(5, '0>1?never', '1>2', '2>3', '0>4'));
    expect(next(graph, from({ n0: completed() }), ['n0'])).toEqual({ ready: ['n4'], skipped: ['n1', 'n2', 'n3'] });
  });

  test('a failed source decides nothing', () => {
    expect(next(compile(drawn(2, '0>1')), from({ n0: { status: 'failed' } }), ['n0'])).toEqual({ ready: [], skipped: [] });
  });

  test('names a join of several finished nodes once', () => {
    const graph = compile(drawn(3, '0>2', '1>2'));
    expect(next(graph, from({ n0: completed(), n1: completed() }), ['n0', 'n1'])).toEqual({ ready: ['n2'], skipped: [] });
  });

  test('leaves alone what has begun', () => {
    expect(next(compile(drawn(2, '0>1')), from({ n0: completed(), n1: { status: 'open' } }), ['n0']).ready).toEqual([]);
  });

  const orders: Record<string, (n: number) => number[]> = {
    'document order': (n) => [...Array(n).keys()],
    'reverse order': (n) => [...Array(n).keys()].toReversed(),
    'inside out': (n) => [...Array(n).keys()].toSorted((a, b) => Math.abs(a - n / 2) - Math.abs(b - n / 2)),
    'evens, then odds': (n) => [...Array(n).keys()].toSorted((a, b) => (a % 2) - (b % 2)),
    'halves of halves': (n) => [...Array(n).keys()].toSorted((a, b) => Number(a !== 0) * (a & -a) - Number(b !== 0) * (b & -b)),
  };
  test.each(Object.entries(orders))('a wide join costs near-linear work over a run: %s', (_, order) => {
    const n = 2048;
    const graph = compile(drawn(n + 1, ...Array.from({ length: n }, (_, i) => `${i}>${n}`)));
    const progress: Record<string, NodeProgress> = {};
    let asked = 0;
    const statusOf = (id: string) => (asked++, progress[id]);
    const joined = order(n).flatMap((i) => {
      progress[`n${i}`] = completed();
      return next(graph, statusOf, [`n${i}`]).ready;
    });
    expect(joined).toEqual([`n${n}`]);
    expect(asked).toBeLessThan(4 * n * Math.log2(n));
  });
});

describe('resolve', () => {
  test('names the entry nodes of a run that has not begun', () => {
    expect(resolve(compile(drawn(3, '0>2', '1>2')), () => undefined)).toEqual({ ready: ['n0', 'n1'], skipped: [] });
  });

  test('finds what a crash left undone', () => {
    const graph = compile(drawn(4, '0>1', '0>2', '1>3', '2>3'));
    expect(resolve(graph, from({ n0: completed(), n1: completed(), n2: { status: 'open' } }))).toEqual({ ready: [], skipped: [] });
    expect(resolve(graph, from({ n0: completed(), n1: completed(), n2: completed() }))).toEqual({ ready: ['n3'], skipped: [] });
  });
});

interface Ran {
  readonly ended: Record<string, 'completed' | 'skipped'>;
  readonly named: string[];
}

/** Runs a whole graph: `picks` says which of the running nodes completes next, and with how many others at once. */
function run(graph: Graph, routes: ReadonlyMap<string, string | undefined>, picks: Iterator<number>): Ran {
  const progress = new Map<string, NodeProgress>();
  const named: string[] = [];
  const statusOf = (id: string) => progress.get(id);
  let running = [...graph.entry];
  while (running.length > 0) {
    const pick = Number(picks.next().value);
    const batch = running.splice(pick % running.length, 1 + (pick % 2));
    for (const id of batch) progress.set(id, completed(routes.get(id)));
    const { ready, skipped } = next(graph, statusOf, batch);
    for (const id of ready) expect(graph.incoming(id).every((edge) => progress.has(edge.source) || skipped.includes(edge.source))).toBe(true);
    for (const id of skipped) progress.set(id, { status: 'skipped' });
    named.push(...ready, ...skipped);
    running = [...running, ...ready];
  }
  const ended = Object.fromEntries([...progress].map(([id, { status }]) => [id, status === 'completed' ? status : ('skipped' as const)]));
  return { ended, named };
}

/** The rules said as plainly as possible: repeat over all nodes until nothing changes. */
function model(definition: WorkflowDefinition, routes: ReadonlyMap<string, string | undefined>): Ran['ended'] {
  const ended: Record<string, 'completed' | 'skipped'> = {};
  for (let changed = true; changed;) {
    changed = false;
    for (const { id } of definition.nodes) {
      const incoming = definition.edges.filter((edge) => edge.target === id);
      if (ended[id] || incoming.some((edge) => !ended[edge.source])) continue;
      const followed = incoming.filter((edge) => ended[edge.source] === 'completed' && [undefined, routes.get(edge.source)].includes(edge.condition));
      ended[id] = incoming.length === 0 || followed.length > 0 ? 'completed' : 'skipped';
      changed = true;
    }
  }
  return ended;
}

const arbitraryRoutes = fc.array(fc.option(fc.constantFrom(...ROUTES, 'nowhere'), { nil: undefined }), { minLength: 14, maxLength: 14 });
const arbitraryPicks = fc.infiniteStream(fc.nat(1000));

describe('any graph, any routes', () => {
  const property = fc.property(arbitraryDag, arbitraryRoutes, arbitraryPicks, arbitraryPicks, (definition, list, picks, others) => {
    const graph = compile(definition);
    const routes = new Map(list.map((route, i) => [`n${i}`, route]));
    const { ended, named } = run(graph, routes, picks);
    expect(Object.keys(ended)).toHaveLength(definition.nodes.length);
    expect(new Set(named).size).toBe(named.length);
    expect(named.length + graph.entry.length).toBe(definition.nodes.length);
    expect(ended).toEqual(model(definition, routes));
    expect(run(graph, routes, others).ended).toEqual(ended);
  });

  test('every node ends exactly once, as the plain model says, in whatever order nodes complete', () => {
    fc.assert(property, { numRuns: 500 });
  });

  test('resolve, stepped to the end, agrees with next', () => {
    fc.assert(
      fc.property(arbitraryDag, arbitraryRoutes, (definition, list) => {
        const graph = compile(definition);
        const routes = new Map(list.map((route, i) => [`n${i}`, route]));
        const progress: Record<string, NodeProgress> = {};
        for (let open = true; open;) {
          const { ready, skipped } = resolve(graph, from(progress));
          for (const id of ready) progress[id] = completed(routes.get(id));
          for (const id of skipped) progress[id] = { status: 'skipped' };
          open = ready.length + skipped.length > 0;
        }
        const ended = Object.fromEntries(Object.entries(progress).map(([id, { status }]) => [id, status]));
        expect(ended).toEqual(model(definition, routes));
      }),
    );
  });
});
