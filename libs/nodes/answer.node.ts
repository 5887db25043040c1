import { AnswerConfig } from '@agent-platform/contracts/nodes/answer.config';
import type { PureNode } from './node.ts';
import { completed, failed } from './outcome.ts';
import { asText, render, templateProblems } from './render.ts';

export const answerNode: PureNode<AnswerConfig> = {
  types: ['answer'],
  kind: 'pure',
  summary: 'Renders the answer of the run.',
  config: AnswerConfig,
  check: (config) => templateProblems(config),
  evaluate(config, scope) {
    const rendered = render(config.template ?? config.answer ?? '', scope);
    if ('failed' in rendered) return failed(rendered.failed);
    return completed({ output_json: null, output_text: asText(rendered.value) });
  },
};
