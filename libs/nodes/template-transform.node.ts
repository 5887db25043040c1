import { TemplateTransformConfig } from '@agent-platform/contracts/nodes/template-transform.config';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { NodeScope, PureNode } from './node.ts';
import { completed, failed, nodeError } from './outcome.ts';
import { asText, render, type Rendered, templateProblems } from './render.ts';

const parsed = (text: string): { readonly value: JsonValue } | null => {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch {
    return null;
  }
};

/**
 * A text that is JSON before rendering is rendered inside its texts, so that no value can break out of its quotes.
 * A text that becomes JSON only by rendering (`{"n": {{ state.n }}}`) is parsed afterwards.
 */
function renderJson(template: JsonValue, scope: NodeScope): Rendered<JsonValue> {
  if (typeof template !== 'string') return render(template, scope);
  const tree = parsed(template);
  if (tree) return render(tree.value, scope);
  const rendered = render(template, scope);
  if ('failed' in rendered || typeof rendered.value !== 'string') return rendered;
  const explain = () =>
    nodeError('template-json-invalid', 'The rendered text is not JSON; give the template as an object, or write values with {{ path | json }}.');
  return parsed(rendered.value) ?? { failed: explain() };
}

export const templateTransformNode: PureNode<TemplateTransformConfig> = {
  types: ['template-transform'],
  kind: 'pure',
  summary: 'Renders a text or JSON from the state and earlier outputs.',
  config: TemplateTransformConfig,
  check: (config) => templateProblems({ template: config.template }),
  evaluate({ template, output_format }, scope) {
    const json = (output_format ?? (typeof template === 'string' ? 'text' : 'json')) === 'json';
    const rendered = json ? renderJson(template, scope) : render(template, scope);
    if ('failed' in rendered) return failed(rendered.failed);
    return completed(json ? { output_json: rendered.value, output_text: null } : { output_json: null, output_text: asText(rendered.value) });
  },
};
