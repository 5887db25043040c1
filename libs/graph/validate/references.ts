import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { compileExpression } from '../expression.ts';
import type { Graph } from '../graph.ts';
import { compileTemplate, SCOPE_NAMES } from '../template.ts';
import { upstreamOf } from './upstream.ts';
import { type Findings, pointer } from './finding.ts';

/** Config fields that hold source code: braces in there are the code's own. */
const CODE_FIELDS: ReadonlySet<string> = new Set(['code']);
/** Config fields that hold an expression. */
const EXPRESSION_FIELDS: ReadonlySet<string> = new Set(['expression']);

interface Text {
  readonly steps: readonly (string | number)[];
  readonly text: string;
}

/** Templates and expressions inside configs: they compile, and the nodes they read exist and come before. */
export function checkReferences({ nodes }: WorkflowDefinition, graph: Graph, findings: Findings): void {
  const isUpstream = graph.unordered.length === 0 ? upstreamOf(graph) : () => true;
  nodes.forEach((node, index) => {
    for (const { steps, text } of textsIn(node.config)) {
      const place = { node_id: node.id, field: pointer('nodes', index, 'config', ...steps) };
      const name = `node "${node.id}", config.${steps.join('.')}`;
      const isExpression = EXPRESSION_FIELDS.has(String(steps.at(-1)));
      if (!isExpression && !text.includes('{{')) continue;
      const read = isExpression ? compileExpression(text) : compileTemplate(text);
      if ('error' in read) {
        findings.errors.push({ ...place, code: read.error.code, rule: `${name}: ${read.error.message}`, remedy: read.error.remedy });
        continue;
      }
      const { paths } = 'template' in read ? read.template : read.expression;
      for (const path of paths) {
        const [root = '', id] = path;
        const found = { ...place, rule: '', remedy: '' };
        if (!SCOPE_NAMES.has(root))
          findings.warnings.push({
            ...found,
            code: 'template-name-unknown',
            rule: `${name}: "${path.join('.')}" is always empty`,
            remedy: `Paths begin with ${[...SCOPE_NAMES].join(', ')}.`,
          });
        else if (root !== 'nodes' || id === undefined) continue;
        else if (!graph.has(id))
          findings.errors.push({
            ...found,
            code: 'reference-unknown',
            rule: `${name}: "${path.join('.')}" reads the node "${id}", which does not exist`,
            remedy: 'Correct the node id, or add the node.',
          });
        else if (!isUpstream(id, node.id))
          findings.warnings.push({
            ...found,
            code: 'reference-not-upstream',
            rule: `${name}: "${path.join('.')}" reads the node "${id}", which does not come before`,
            remedy: `Add a way of edges from "${id}" to "${node.id}"; until then the value may be missing.`,
          });
      }
    }
  });
}

/** All texts of a config, with where they are. Iterative: configs are as deep as the document allows. */
function* textsIn(config: unknown): Generator<Text> {
  const open: { readonly value: unknown; readonly steps: readonly (string | number)[] }[] = [{ value: config, steps: [] }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { value, steps } = at;
    if (CODE_FIELDS.has(String(steps.at(-1)))) continue;
    if (typeof value === 'string') yield { steps, text: value };
    else if (Array.isArray(value)) value.forEach((item: unknown, i) => open.push({ value: item, steps: [...steps, i] }));
    else if (typeof value === 'object' && value !== null) for (const [key, item] of Object.entries(value)) open.push({ value: item, steps: [...steps, key] });
  }
}
