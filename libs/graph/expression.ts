import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';
import { Compiler } from './expression-compile.ts';
import { normalizeExpression } from './expression-normalize.ts';
import { NotCompiled, type Part } from './expression-part.ts';
import { type EvaluationCode, STEPS, Stopped } from './expression-values.ts';
import { memoized } from './memo.ts';
import type { Scope } from './template.ts';

/** Why an expression can't be compiled. */
export interface ExpressionError {
  readonly code: 'expression-syntax' | 'expression-limit';
  readonly message: string;
  readonly remedy: string;
  /** Offset in the source. */
  readonly position: number;
}

export interface Expression {
  readonly source: string;
  /** Every path it reads below a scope name, as steps. */
  readonly paths: readonly (readonly string[])[];
  readonly run: Part;
}

export type CompiledExpression = { readonly expression: Expression } | { readonly error: ExpressionError };
export type Evaluation =
  | { readonly value: JsonValue }
  | { readonly error: { readonly code: ExpressionError['code'] | EvaluationCode; readonly message: string } };

const EXPRESSION_LIMITS = { sourceLength: 4096, nodes: 1000, depth: 100, steps: STEPS } as const;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: EXPRESSION_LIMITS.nodes, maxDepth: EXPRESSION_LIMITS.depth, maxListElements: 200, maxMapEntries: 200 },
});

const tooLarge = (message: string): CompiledExpression => ({
  error: { code: 'expression-limit', position: 0, message, remedy: 'Split it over several nodes, or compute it in a code node.' },
});

/** Compiles a CEL expression, remembering the latest ones. Errors are values. */
export const compileExpression: (source: string) => CompiledExpression = memoized(2000, EXPRESSION_LIMITS.sourceLength, (source): CompiledExpression => {
  if (source.length > EXPRESSION_LIMITS.sourceLength) {
    return tooLarge(`The expression has ${source.length} characters, the limit is ${EXPRESSION_LIMITS.sourceLength}`);
  }
  const normalized = normalizeExpression(source);
  try {
    const ast: ASTNode = environment.parse(normalized.text).ast;
    const compiler = new Compiler();
    const run = compiler.compile(ast);
    return { expression: { source, paths: compiler.paths, run } };
  } catch (thrown) {
    const refused = (at: number, message: string, remedy: string): CompiledExpression => {
      const position = Math.min(normalized.sourceAt(at), source.length);
      return { error: { code: 'expression-syntax', position, message: `${message} (at character ${position + 1})`, remedy } };
    };
    if (thrown instanceof NotCompiled) return refused(thrown.position, thrown.message, thrown.remedy);
    if (thrown instanceof ParseError && thrown.code === 'limit_exceeded') return tooLarge(`The expression is too large: ${thrown.summary}`);
    if (thrown instanceof ParseError)
      return refused(thrown.range?.start ?? 0, thrown.summary, 'Write an expression like state.score >= 5 and nodes.search.output.0.title != "".');
    if (thrown instanceof RangeError) return tooLarge('The expression is nested too deep');
    throw thrown;
  }
});

/** Evaluates against JSON data. Pure and total: a result or an error is a value, and the work is bounded whatever the data. */
export function evaluate(source: string | Expression, scope: Scope): Evaluation {
  const compiled = typeof source === 'string' ? compileExpression(source) : { expression: source };
  if ('error' in compiled) return { error: { code: compiled.error.code, message: `${compiled.error.message}. ${compiled.error.remedy}` } };
  try {
    return { value: compiled.expression.run({ scope, item: null, steps: STEPS }) };
  } catch (thrown) {
    if (thrown instanceof Stopped) return { error: { code: thrown.code, message: thrown.message } };
    // Data nested deeper than the call stack.
    if (thrown instanceof RangeError) return { error: { code: 'expression-limit', message: 'The data is nested too deep.' } };
    throw thrown;
  }
}
