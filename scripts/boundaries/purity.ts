import { Visitor, type ESTree } from 'vite';
import type { Source } from './workspace.ts';

/**
 * Constructs that oxlint has no rule for. Names are taken as they are written, without scopes: a local variable
 * called `process` counts, and should have another name.
 */
export type Rule = 'clock' | 'random' | 'ambient' | 'await' | 'throw' | 'run-time code';

const CLOCKS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance']);
const AMBIENT = new Set(['process', 'globalThis', 'fetch', 'console']);

const objectName = ({ object }: ESTree.MemberExpression): string | undefined => (object.type === 'Identifier' ? object.name : undefined);
const memberName = ({ property, computed }: ESTree.MemberExpression): string | undefined =>
  property.type === 'Identifier' && !computed ? property.name : undefined;
const isConstant = (node: ESTree.Argument | undefined): boolean =>
  node === undefined || node.type === 'Literal' || (node.type === 'TemplateLiteral' && node.expressions.length === 0);

/** Where `source` does what a rule names: `file:line: rule`. */
export function findImpure({ file, text, parsed }: Source, rules: readonly Rule[]): string[] {
  const found: string[] = [];
  const report = (rule: Rule, start: number, what: string): void => {
    if (rules.includes(rule)) found.push(`${file}:${text.slice(0, start).split('\n').length}: ${what} (${rule})`);
  };
  const callee = (node: ESTree.CallExpression | ESTree.NewExpression): void => {
    const name = node.callee.type === 'Identifier' ? node.callee.name : undefined;
    const [first] = node.arguments;
    if (name === 'Date' && (node.type === 'CallExpression' || first === undefined)) report('clock', node.start, 'Date without a time');
    if (name !== undefined && CLOCKS.has(name)) report('clock', node.start, name);
    if (name !== undefined && AMBIENT.has(name)) report('ambient', node.start, name);
    if (name === 'randomUUID' || name === 'randomBytes' || name === 'randomInt') report('random', node.start, name);
    if (name === 'RegExp' && !isConstant(first)) report('run-time code', node.start, 'RegExp of a value: a pattern from data can stop the process');
    if (name === 'Function' || name === 'eval') report('run-time code', node.start, name);
  };
  new Visitor({
    CallExpression: callee,
    NewExpression: callee,
    MemberExpression(node) {
      const object = objectName(node);
      const member = memberName(node);
      if (object === undefined) return;
      if (object === 'Date' && member === 'now') report('clock', node.start, 'Date.now');
      if (object === 'Math' && member === 'random') report('random', node.start, 'Math.random');
      if (object === 'crypto' && member !== undefined && /^(random|getRandom)/.test(member)) report('random', node.start, `crypto.${member}`);
      if (CLOCKS.has(object)) report('clock', node.start, object);
      if (AMBIENT.has(object)) report('ambient', node.start, object);
    },
    AwaitExpression: (node) => report('await', node.start, 'await'),
    ThrowStatement: (node) => report('throw', node.start, 'throw'),
  }).visit(parsed.program);
  return found;
}
