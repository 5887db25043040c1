import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Frame } from './expression-values.ts';

/** A compiled part of an expression. */
export type Part = (frame: Frame) => JsonValue;

/** Ends a compilation; never leaves the library. `position` is in the normalized text. */
export class NotCompiled extends Error {
  readonly position: number;
  readonly remedy: string;
  constructor(node: ASTNode, message: string, remedy: string) {
    super(message);
    this.position = node.start;
    this.remedy = remedy;
  }
}

/** What the loops of the language need of the compiler. */
export interface PartCompiler {
  compile(node: ASTNode): Part;
  /** Compiles parts that see the variable of a comprehension. */
  within<T>(node: ASTNode, variable: string, compile: () => T): T;
}
