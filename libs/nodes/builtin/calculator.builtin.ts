import { evaluate } from '@agent-platform/graph/index';
import { z } from 'zod';
import { nodeError } from '../outcome.ts';
import { defineBuiltin } from './builtin.ts';

export const calculator = defineBuiltin({
  description: 'Computes an expression (CEL) with numbers, texts, lists and conditions, e.g. "(input.net * 1.19) > 100.0"; values are read as input.<name>.',
  /** Values that the expression may name, as `input.<name>`. */
  input: z.strictObject({ expression: z.string().min(1).max(4000), values: z.record(z.string(), z.json()).default({}) }),
  writes: false,
  repeatable: () => true,
  answer({ expression, values }) {
    const result = evaluate(expression, { input: values });
    if ('error' in result) return { failed: nodeError('calculation-failed', `input.expression: ${result.error.message}.`) };
    return { value: result.value, text: typeof result.value === 'string' ? result.value : JSON.stringify(result.value) };
  },
});
