import { randomUUID } from 'node:crypto';
import type { Order } from './ledger.ts';
import { newOrder } from './ledger.ts';

export const WORKSPACES = ['a', 'b', 'c', 'd'] as const;
export const SHAPES = ['sequence', 'charge', 'branch', 'parallel', 'human', 'signal', 'delay', 'slow'] as const;
export type Shape = (typeof SHAPES)[number];

const read = (id: string, url: string, path = '/read') => ({
  id,
  type: 'tool',
  config: { url: `${url}${path}`, query: { run: '{{ run.id }}', node: id } },
  retry: { max_attempts: 5, delay_ms: 100, factor: 2 },
});
const tool = (id: string, tool_id: string) => ({
  id,
  type: 'tool',
  config: { tool_id, body: { run: '{{ run.id }}', node: id } },
  retry: { max_attempts: 5, delay_ms: 100, factor: 2 },
});
const chain = (...ids: readonly string[]) => ids.slice(1).map((target, i) => ({ source: ids[i], target }));
const sum = { id: 'end', type: 'template-transform', config: { template: '{{ run.id }}' } };

/** One document per shape. Tools `charge` and `book` of the workspace call `/charge` (never twice) and `/book`. */
function documents(url: string): Readonly<Record<Shape, object>> {
  return {
    sequence: { nodes: [read('r1', url), read('f2', url, '/flaky'), read('r3', url), sum], edges: chain('r1', 'f2', 'r3', 'end') },
    charge: { nodes: [read('r1', url), tool('c2', 'charge'), tool('b3', 'book'), tool('c4', 'charge')], edges: chain('r1', 'c2', 'b3', 'c4') },
    branch: {
      nodes: [{ id: 'if', type: 'if-else', config: { expression: 'input.n >= 5' } }, read('high', url), tool('low', 'charge'), sum],
      edges: [
        { source: 'if', target: 'high', condition: 'true' },
        { source: 'if', target: 'low', condition: 'false' },
        { source: 'high', target: 'end' },
        { source: 'low', target: 'end' },
      ],
    },
    parallel: {
      nodes: [...['p1', 'p2', 'p3', 'p4'].map((id) => read(id, url)), tool('c5', 'charge'), sum],
      edges: ['p1', 'p2', 'p3', 'p4', 'c5'].map((source) => ({ source, target: 'end' })),
    },
    human: { nodes: [read('r1', url), { id: 'ask', type: 'human', config: { title: 'Go on?' } }, tool('c3', 'charge')], edges: chain('r1', 'ask', 'c3') },
    signal: { nodes: [{ id: 'wait', type: 'wait', config: { signal: 'go' } }, tool('c2', 'charge')], edges: chain('wait', 'c2') },
    slow: { nodes: [read('s1', url, '/slow'), sum], edges: chain('s1', 'end') },
    delay: { nodes: [{ id: 'later', type: 'delay', config: { seconds: 0.4 } }, read('r2', url)], edges: chain('later', 'r2') },
  };
}

/** The orders that set a workspace up, in order, and the version that each shape then has. */
export function installation(workspace: string, url: string): { readonly orders: readonly Order[]; readonly versions: Readonly<Record<Shape, string>> } {
  const order = (type: string, data: Order['data']) => newOrder(workspace, type, data, 'nats');
  const tools = ['charge', 'book'].flatMap((tool_id) => [
    order('tool.create', { tool_id, code: tool_id, name: tool_id, tool_type: 'http' }),
    order('tool.create_version', { tool_id, invoke_config_json: { method: 'POST', url: `${url}/${tool_id}`, idempotent: tool_id === 'book' } }),
  ]);
  const versions = Object.fromEntries(SHAPES.map((shape) => [shape, randomUUID()])) as Record<Shape, string>;
  const workflows = Object.entries(documents(url)).flatMap(([shape, dsl_json]) => [
    order('workflow.create', { workflow_id: shape, name: shape }),
    order('workflow.create_version', { workflow_id: shape, workflow_version_id: versions[shape as Shape], dsl_json }),
  ]);
  return { orders: [...tools, ...workflows], versions };
}
