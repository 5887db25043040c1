import { IfElseConfig } from '@agent-platform/contracts/nodes/if-else.config';
import { compileExpression, evaluate } from '@agent-platform/graph/index';
import type { PureNode } from './node.ts';
import { failed, nodeError } from './outcome.ts';

export const ifElseNode: PureNode<IfElseConfig> = {
  types: ['if-else', 'condition'],
  kind: 'pure',
  summary: 'Routes by a condition.',
  config: IfElseConfig,
  routes: () => ['true', 'false'],
  check({ expression }) {
    const compiled = compileExpression(expression);
    return 'error' in compiled ? [{ path: 'expression', rule: compiled.error.message, remedy: compiled.error.remedy }] : [];
  },
  evaluate({ expression }, scope) {
    const result = evaluate(expression, scope);
    if ('error' in result) return failed(nodeError(result.error.code, `config.expression: ${result.error.message}`));
    // A missing path is null, so that a flag that was never set is not set.
    const holds = result.value ?? false;
    if (typeof holds !== 'boolean') {
      const kind = Array.isArray(holds) ? 'list' : typeof holds;
      return failed(
        nodeError(
          'condition-not-boolean',
          `config.expression gives a ${kind}, not true or false; compare it with something, e.g. ${expression.slice(0, 100)} != "".`,
        ),
      );
    }
    const route = String(holds);
    return { status: 'completed', output_json: { condition_result: holds, route }, output_text: null, route };
  },
};
