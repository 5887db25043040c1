import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { COMPREHENSIONS } from './expression-comprehensions.ts';
import { FUNCTIONS } from './expression-functions.ts';
import { NotCompiled, type Part, type PartCompiler } from './expression-part.ts';
import { contains, equal, finite, mistyped, ordered, plus, spend, Stopped, truth } from './expression-values.ts';
import { PROTOTYPE_WORDS, stepInto, valueAt } from './path.ts';
import { SCOPE_NAMES } from './template.ts';

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const ORDER: Readonly<Record<string, (sign: number) => boolean>> = {
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
};

const MAX_PATTERN = 500;

/** Turns the syntax tree into closures. One compiler per expression: it gathers the paths that are read. */
export class Compiler implements PartCompiler {
  readonly paths: (readonly string[])[] = [];
  #variable: string | null = null;

  compile(node: ASTNode): Part {
    const part = this.#part(node);
    return (frame) => {
      spend(frame, 1);
      return part(frame);
    };
  }

  within<T>(node: ASTNode, variable: string, compile: () => T): T {
    if (this.#variable !== null)
      throw new NotCompiled(node, 'A comprehension inside another one', 'Do the inner one in a node of its own: nested loops multiply.');
    this.#variable = variable;
    try {
      return compile();
    } finally {
      this.#variable = null;
    }
  }

  #part(node: ASTNode): Part {
    switch (node.op) {
      case 'value': {
        const value = literal(node);
        return () => value;
      }
      case 'id':
      case '[]':
        return this.#path(node);
      case '!_': {
        const part = this.compile(node.args);
        return (frame) => !truth(part(frame), 'not');
      }
      case '-_': {
        const part = this.compile(node.args);
        return (frame) => this.#negative(part(frame));
      }
      case '&&':
      case '||':
        return this.#logic(node.args, node.op === '||');
      case '?:': {
        const [condition, yes, no] = [this.compile(node.args[0]), this.compile(node.args[1]), this.compile(node.args[2])];
        return (frame) => (truth(condition(frame), '"?:"') ? yes(frame) : no(frame));
      }
      case 'list': {
        const parts = node.args.map((item) => this.compile(item));
        return (frame) => parts.map((part) => part(frame));
      }
      case 'map':
        return this.#map(node.args);
      case 'call':
        return this.#call(node, node.args[0], null, node.args[1]);
      case 'rcall':
        return this.#call(node, node.args[0], node.args[1], node.args[2]);
      case '.':
      case '.?':
      case '[?]':
        throw new NotCompiled(node, `"${node.op}" is not part of the language`, 'Write the path with single dots; a missing step gives null.');
      default:
        return this.#binary(node.op, this.compile(node.args[0]), this.compile(node.args[1]));
    }
  }

  #negative(value: JsonValue): JsonValue {
    if (typeof value !== 'number') throw mistyped('"-"', value);
    return finite(-value, '"-"');
  }

  #binary(op: string, left: Part, right: Part): Part {
    const order = ORDER[op];
    if (order) return (frame) => ordered(op, left(frame), right(frame), order);
    const compute = ARITHMETIC[op];
    if (compute) {
      return (frame) => {
        const [a, b] = [left(frame), right(frame)];
        if (typeof a !== 'number' || typeof b !== 'number') throw mistyped(`"${op}"`, a, b);
        return finite(compute(a, b), `"${op}"`);
      };
    }
    if (op === '+') return (frame) => plus(left(frame), right(frame), frame);
    if (op === 'in') return (frame) => contains(left(frame), right(frame), frame);
    return (frame) => equal(left(frame), right(frame), frame) === (op === '==');
  }

  /** As CEL says: when one side decides, an error of the other does not count. */
  #logic([first, second]: readonly [ASTNode, ASTNode], decisive: boolean): Part {
    const [left, right] = [this.compile(first), this.compile(second)];
    const name = decisive ? '"or"' : '"and"';
    return (frame) => {
      try {
        if (truth(left(frame), name) === decisive) return decisive;
      } catch (error) {
        if (error instanceof Stopped && error.code !== 'expression-limit' && truth(right(frame), name) === decisive) return decisive;
        throw error;
      }
      return truth(right(frame), name);
    };
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[]): Part {
    const parts = entries.map(([key, value]) => {
      if (key.op === 'value' && PROTOTYPE_WORDS.has(String(key.args)))
        throw new NotCompiled(key, `The key "${String(key.args)}"`, 'Prototype words are never keys.');
      return [this.compile(key), this.compile(value)] as const;
    });
    return (frame) =>
      Object.fromEntries(
        parts.map(([key, value]) => {
          const name = key(frame);
          if (typeof name !== 'string') throw mistyped('A map key', name);
          return [name, value(frame)];
        }),
      );
  }

  /** A name, or a chain of indexes: constant steps below a scope name are read in one go. */
  #path(node: ASTNode): Part {
    const steps: string[] = [];
    let base = node;
    while (base.op === '[]' && base.args[1].op === 'value' && typeof base.args[1].args === 'string') {
      const step = base.args[1].args;
      if (PROTOTYPE_WORDS.has(step)) throw new NotCompiled(base, `The path step "${step}"`, 'Prototype words are never part of a path; rename the field.');
      steps.unshift(step);
      base = base.args[0];
    }
    const from = this.#base(base, steps);
    return (frame) => (valueAt(steps, from(frame)) ?? null) as JsonValue;
  }

  #base(node: ASTNode, steps: readonly string[]): Part {
    if (node.op === '[]') {
      const [container, index] = [this.compile(node.args[0]), this.compile(node.args[1])];
      return (frame) => {
        const step = index(frame);
        if (typeof step !== 'string' && typeof step !== 'number') throw mistyped('"[ ]"', step);
        return (stepInto(container(frame), String(step)) ?? null) as JsonValue;
      };
    }
    if (node.op !== 'id') return this.compile(node);
    const name = node.args;
    if (name === this.#variable) return (frame) => frame.item;
    if (!SCOPE_NAMES.has(name))
      throw new NotCompiled(
        node,
        `Unknown name "${name}"`,
        `Names are ${[...SCOPE_NAMES].join(', ')}. A text needs quotes; a field with a hyphen is written ["like-this"].`,
      );
    this.paths.push([name, ...steps]);
    return (frame) => (stepInto(frame.scope, name) ?? null) as JsonValue;
  }

  #call(node: ASTNode, name: string, receiver: ASTNode | null, args: readonly ASTNode[]): Part {
    if (receiver && Object.hasOwn(COMPREHENSIONS, name)) return COMPREHENSIONS[name]?.(this, node, receiver, args) ?? (() => null);
    if (!receiver && name === 'has' && args.length === 1 && args[0]) return this.#has(args[0]);
    if (receiver && name === 'matches' && args.length === 1 && args[0]) return this.#matches(receiver, args[0]);
    const all = receiver ? [receiver, ...args] : args;
    const known = FUNCTIONS[name];
    if (!known || known.arity !== all.length || known.as === (receiver ? 'function' : 'method')) {
      throw new NotCompiled(
        node,
        `There is no ${receiver ? 'method' : 'function'} "${name}" with ${args.length} arguments`,
        `Functions are has(path), size(x), int(x), double(x), string(x), bool(x); methods are ${[...Object.keys(FUNCTIONS).filter((each) => FUNCTIONS[each]?.as !== 'function'), 'matches', ...Object.keys(COMPREHENSIONS)].join(', ')}.`,
      );
    }
    const parts = all.map((arg) => this.compile(arg));
    return (frame) =>
      known.call(
        parts.map((part) => part(frame)),
        frame,
      );
  }

  #has(node: ASTNode): Part {
    if (node.op !== '[]') throw new NotCompiled(node, 'has() of something that is not a path', 'Write has(state.name).');
    const [container, index] = [this.compile(node.args[0]), this.compile(node.args[1])];
    return (frame) => {
      const step = index(frame);
      if (typeof step !== 'string' && typeof step !== 'number') throw mistyped('"[ ]"', step);
      return stepInto(container(frame), String(step)) !== undefined;
    };
  }

  /** RE2: no back-tracking, so time is bounded by text times program. */
  #matches(receiver: ASTNode, pattern: ASTNode): Part {
    const source = pattern.op === 'value' ? pattern.args : null;
    if (typeof source !== 'string' || source.length > MAX_PATTERN) {
      throw new NotCompiled(pattern, `matches() needs a quoted pattern of at most ${MAX_PATTERN} characters`, 'Write the pattern into the expression.');
    }
    const regex = compiledPattern(source, pattern);
    const cost = Math.ceil(regex.programSize() / 4);
    const text = this.compile(receiver);
    return (frame) => {
      const value = text(frame);
      if (typeof value !== 'string') throw mistyped('matches()', value);
      spend(frame, value.length * cost);
      return regex.matcher(value).find();
    };
  }
}

function compiledPattern(source: string, node: ASTNode): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new NotCompiled(
      node,
      `The pattern is not RE2: ${error instanceof Error ? error.message : 'unknown'}`,
      'Leave out look-around, back references and counts above 1000.',
    );
  }
}

/** Every number is a JSON number; what can't be one exactly is refused. */
function literal(node: ASTNode & { readonly op: 'value' }): JsonValue {
  const value: unknown = node.args;
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  const number = typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new NotCompiled(node, 'A literal that is not a JSON value', 'Write text, a decimal number up to 2^53, true, false or null.');
}
