/** Text in the syntax that the CEL parser reads, and the way back from its positions. */
export interface Normalized {
  readonly text: string;
  /** Position in the source of a position in the text. */
  sourceAt(position: number): number;
}

const SPACE = /(?:\s+|\/\/[^\n]*)+/y;
const STRING = /[rRbB]?(?:"""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?/y;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
/** A step of a path: a name, or a number into a list. */
const STEP = /[\p{L}\p{N}_]+/uy;
/** The step after `nodes.` is a node id: its hyphens belong to it. */
const NODE_ID = /[\p{L}\p{N}_-]+/uy;
const CALL = /\s*\(/y;
const LOGIC = /&&|\|\|/y;

const WORDS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
]);

/**
 * Rewrites the words and paths of workflow documents into CEL, token by token, so that nothing inside a string or a
 * comment is touched:
 *   and, or        && and ||
 *   not a == b     !(a == b): reaches to the next and, or, comma, colon, question mark or closing bracket
 *   a.0.title      a["0"]["title"]; every step becomes an index, methods (`a.size()`) stay
 *   nodes.a-b.x    nodes["a-b"]["x"]: after `nodes.`, and nowhere else, a hyphen belongs to the name
 * Everything else goes through unchanged and is the parser's to accept or refuse. Linear.
 */
export function normalizeExpression(source: string): Normalized {
  return new Normalizer(source).run();
}

class Normalizer {
  readonly #source: string;
  readonly #starts: { readonly out: number; readonly source: number }[] = [];
  readonly #negations: number[] = [];
  #out = '';
  #at = 0;
  #tokenAt = 0;
  #depth = 0;
  /** The last token, when a path can go on after it. */
  #operand: string | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Normalized {
    while (this.#at < this.#source.length) this.#token();
    this.#closeNegations();
    const starts = this.#starts;
    return { text: this.#out, sourceAt: (position) => starts.findLast((start) => start.out <= position)?.source ?? 0 };
  }

  #token(): void {
    this.#tokenAt = this.#at;
    if (this.#match(SPACE) !== null) return this.#emit(' ');
    const verbatim = this.#match(STRING) ?? this.#match(NUMBER);
    if (verbatim !== null) return this.#emit(verbatim, verbatim);
    if (`"'`.includes(this.#source[this.#at] ?? ' ')) return this.#unclosed();
    const word = this.#match(WORD);
    if (word !== null) return this.#word(word);
    const logic = this.#match(LOGIC);
    if (logic !== null) return this.#logic(logic);
    this.#sign(this.#source[this.#at++] ?? '');
  }

  /** A text that is never closed is the parser's to refuse; looking for its end again at every quote would be quadratic. */
  #unclosed(): void {
    const rest = this.#source.slice(this.#at);
    this.#at = this.#source.length;
    this.#emit(rest);
  }

  #word(word: string): void {
    const logic = WORDS.get(word);
    if (logic !== undefined) return this.#logic(logic);
    if (word !== 'not') return this.#emit(word, word);
    this.#negations.push(this.#depth);
    this.#emit('!(');
  }

  #logic(operator: string): void {
    this.#closeNegations();
    this.#emit(operator);
  }

  #sign(sign: string): void {
    if (sign === '.' && this.#operand !== null) return this.#step(this.#operand);
    if (')]},?:'.includes(sign)) this.#closeNegations();
    if ('([{'.includes(sign)) this.#depth++;
    if (')]}'.includes(sign)) this.#depth--;
    this.#emit(sign, ')]}'.includes(sign) ? sign : null);
  }

  #step(before: string): void {
    this.#match(SPACE);
    const step = this.#match(before === 'nodes' ? NODE_ID : STEP);
    if (step === null) return this.#emit('.');
    CALL.lastIndex = this.#at;
    // The word `nodes` further on in a path is a name like any other.
    const operand = `.${step}`;
    if (CALL.test(this.#source)) this.#emit(operand, operand);
    else this.#emit(`[${JSON.stringify(step)}]`, operand);
  }

  #closeNegations(): void {
    while (this.#negations.length > 0 && (this.#negations.at(-1) ?? 0) >= this.#depth) {
      this.#negations.pop();
      this.#emit(')', ')');
    }
  }

  #emit(text: string, operand: string | null = null): void {
    this.#starts.push({ out: this.#out.length, source: this.#tokenAt });
    this.#out += text;
    if (text !== ' ') this.#operand = operand;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (!match) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }
}
