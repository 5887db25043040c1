import { z } from 'zod';
import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import type { AnyNode, NodeRegistry, NodeResult } from '@agent-platform/nodes/node';
import { compileProgram, type Program } from '../run.program.ts';

const result = (more: Partial<NodeResult> = {}): { status: 'completed' } & NodeResult => ({ status: 'completed', output_json: {}, output_text: null, ...more });

/** Node types of the specs: what a routing rule needs to be seen, and nothing else. */
const nodes: Record<string, AnyNode> = {
  pure: {
    types: ['pure'],
    kind: 'pure',
    summary: 'ends at once',
    config: z.object({ route: z.string().optional(), set: z.record(z.string(), z.json()).optional() }),
    evaluate: (config: { route?: string; set?: Record<string, z.core.util.JSONType> }) =>
      result({ ...(config.route !== undefined && { route: config.route }), ...(config.set && { state_updates: config.set }) }),
  },
  effect: {
    types: ['effect'],
    kind: 'effect',
    summary: 'asks the outside',
    config: z.object({ unsafe: z.boolean().optional() }),
    request: (config: { unsafe?: boolean }) => ({ unsafe: config.unsafe === true }),
    onUnknown: (request: { unsafe: boolean }) => (request.unsafe ? 'stop' : 'repeat'),
    perform: () => Promise.resolve(result()),
  },
  signal: {
    types: ['signal'],
    kind: 'effect',
    summary: 'waits for a signal',
    config: z.object({ signal: z.string() }),
    request: (config: { signal: string }) => ({ signal: config.signal }),
    onUnknown: () => 'repeat',
    immediate: (request: { signal: string }) => ({ status: 'waiting', wait: { for: 'signal', detail: { signal: request.signal } } }),
    perform: () => Promise.resolve(result()),
    resume: (_request, signal) => result({ output_json: signal['payload'] ?? null }),
  },
};

const testRegistry: NodeRegistry = new Map(Object.entries(nodes));

type Edge = readonly [source: string, target: string, condition?: string];

/** A program from short hand: nodes as id to [type, config], edges as pairs. */
export function programOf(shape: Record<string, readonly [type: string, config?: object, more?: object]>, edges: readonly Edge[]): Program {
  const definition = WorkflowDefinition.parse({
    nodes: Object.entries(shape).map(([id, [type, config = {}, more = {}]]) => ({ id, type, config, ...more })),
    edges: edges.map(([source, target, condition]) => ({ source, target, ...(condition !== undefined && { condition }) })),
  });
  return compileProgram(definition, testRegistry);
}
