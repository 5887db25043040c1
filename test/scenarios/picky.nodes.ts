import { Failure } from '@agent-platform/kernel/index';
import type { AnyNode, EffectNode } from '@agent-platform/nodes/node';
import { z } from 'zod';

/** Never does what it is asked for, and says why. */
const picky: EffectNode<Record<string, never>, null> = {
  kind: 'effect',
  types: ['picky'],
  summary: 'Refuses.',
  config: z.strictObject({}),
  request: () => null,
  onUnknown: () => 'repeat',
  perform: () => Promise.reject(new Failure('invalid', 'not-on-mondays', 'Not on Mondays.')),
};

export const nodes: readonly AnyNode[] = [picky];
