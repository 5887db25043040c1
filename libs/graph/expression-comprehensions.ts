import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { ASTNode } from '@marcbachmann/cel-js';
import { NotCompiled, type Part, type PartCompiler } from './expression-part.ts';
import { type Frame, mistyped, spend, Stopped, truth } from './expression-values.ts';

type Comprehension = (compiler: PartCompiler, node: ASTNode, receiver: ASTNode, args: readonly ASTNode[]) => Part;

/** Items of a list, keys of a map. */
function itemsOf(value: JsonValue, name: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) throw mistyped(`${name}()`, value);
  return Object.keys(value);
}

/** Compiles receiver, variable and body, and leaves what to do with the items to `run`. */
const over =
  (
    name: string,
    bodies: readonly number[],
    run: (items: readonly JsonValue[], parts: readonly [Part, Part | undefined], frame: Frame) => JsonValue,
  ): Comprehension =>
  (compiler, node, receiver, [variable, ...body]) => {
    if (variable?.op !== 'id' || !bodies.includes(body.length)) {
      throw new NotCompiled(
        node,
        `${name}() with the wrong arguments`,
        `Write list.${name}(item, ${bodies.includes(2) ? 'item.price * 2' : 'item.price > 1'}).`,
      );
    }
    const from = compiler.compile(receiver);
    const [first, second] = compiler.within(node, variable.args, () => body.map((each) => compiler.compile(each)));
    if (!first) throw new NotCompiled(node, `${name}() without a body`, `Write list.${name}(item, item.price > 1).`);
    return (frame) => {
      const items = itemsOf(from(frame), name);
      spend(frame, items.length);
      return run(items, [first, second], frame);
    };
  };

const at = (part: Part, item: JsonValue, frame: Frame): JsonValue => {
  frame.item = item;
  return part(frame);
};

const holds = (part: Part, item: JsonValue, frame: Frame, name: string): boolean => truth(at(part, item, frame), `${name}()`);

/** As CEL says: an item that decides wins over an item that fails. */
const quantifier = (name: string, decisive: boolean): Comprehension =>
  over(name, [1], (items, [part], frame) => {
    let failed: Stopped | null = null;
    for (const item of items) {
      try {
        if (holds(part, item, frame, name) === decisive) return decisive;
      } catch (error) {
        if (!(error instanceof Stopped) || error.code === 'expression-limit') throw error;
        failed ??= error;
      }
    }
    if (failed) throw failed;
    return !decisive;
  });

/** The loops of the language. They can follow each other but not be nested. No prototype. */
export const COMPREHENSIONS: Readonly<Record<string, Comprehension>> = Object.freeze(
  Object.assign(Object.create(null) as object, {
    all: quantifier('all', false),
    exists: quantifier('exists', true),
    exists_one: over('exists_one', [1], (items, [part], frame) => items.filter((item) => holds(part, item, frame, 'exists_one')).length === 1),
    filter: over('filter', [1], (items, [part], frame) => items.filter((item) => holds(part, item, frame, 'filter'))),
    map: over('map', [1, 2], (items, [first, second], frame) =>
      second ? items.filter((item) => holds(first, item, frame, 'map')).map((item) => at(second, item, frame)) : items.map((item) => at(first, item, frame)),
    ),
  } satisfies Record<string, Comprehension>),
);
