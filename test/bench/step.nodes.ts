import { z } from 'zod';
import type { AnyNode, EffectNode, PureNode } from '@agent-platform/nodes/node';

// 4,000 characters that do not compress well, the same in every run: the peers' steps return 100 of them too.
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
let seed = 42;
const TEXT = Array.from({ length: 4000 }, () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return ALPHABET[Math.floor((seed / 2147483648) * 64)];
}).join('');
let turn = 0;
const text100 = (): string => {
  turn = (turn + 37) % 3900;
  return TEXT.slice(turn, turn + 100);
};

const StepConfig = z.strictObject({ i: z.int() });

/** The benchmark's step: an effect like any other, whose result is in the log before the next one begins. */
const step: EffectNode<z.output<typeof StepConfig>, { i: number }> = {
  kind: 'effect',
  types: ['bench-step'],
  summary: 'Returns its number and 100 characters.',
  config: StepConfig,
  request: ({ i }) => ({ i }),
  onUnknown: () => 'repeat',
  perform: ({ i }) => Promise.resolve({ status: 'completed', output_json: { i, text: text100() }, output_text: null }),
};

/** Adds up the numbers of all steps, so that the driver can check that each result arrived. */
const sum: PureNode<Record<string, never>> = {
  kind: 'pure',
  types: ['bench-sum'],
  summary: 'Sum of the numbers of all steps.',
  config: z.strictObject({}),
  evaluate: (_config, scope) => {
    const numbers = Object.values(scope.nodes).map((node) => (node['output'] as { i?: number } | null)?.i ?? 0);
    return { status: 'completed', output_json: { sum: numbers.reduce((total, i) => total + i, 0) }, output_text: null };
  },
};

/** Loaded by the executor through AGENT_PLATFORM_NODES, as node types of one's own are. */
export const nodes: readonly AnyNode[] = [step, sum];
