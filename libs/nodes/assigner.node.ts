import { AssignerConfig } from '@agent-platform/contracts/nodes/assigner.config';
import type { PureNode } from './node.ts';
import { completed, failed } from './outcome.ts';
import { renderFields, templateProblems } from './render.ts';

export const assignerNode: PureNode<AssignerConfig> = {
  types: ['assigner'],
  kind: 'pure',
  summary: 'Writes values into the state of the run, types kept.',
  config: AssignerConfig,
  check: (config) => templateProblems(config),
  evaluate(config, scope) {
    const rendered = renderFields(config.assignments, scope);
    if ('failed' in rendered) return failed(rendered.failed);
    return completed({ output_json: { state_updates: rendered.value }, output_text: null, state_updates: rendered.value });
  },
};
