import { Failure } from '@agent-platform/kernel/index';

const HIGH_SURROGATE_AT_END = /[\uD800-\uDBFF]$/;

/**
 * Collects a reply piece by piece and keeps it storable: well-formed Unicode without NUL, at most `limit` UTF-16
 * units. A pair of surrogates may arrive in two pieces, so the first half waits for the second.
 */
export class ReplyText {
  readonly #limit: number;
  #text = '';
  #held = '';
  #replaced = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What of the reply became certain with this piece; may be empty. Throws Failure invalid `model-reply-too-long`. */
  push(piece: string): string {
    const joined = this.#held + piece;
    this.#held = HIGH_SURROGATE_AT_END.exec(joined)?.[0] ?? '';
    return this.#take(this.#held === '' ? joined : joined.slice(0, -1));
  }

  /** The rest, when no more will come. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#take(rest);
  }

  get text(): string {
    return this.#text;
  }

  /** NUL characters taken out and lone surrogates replaced. */
  get replacedChars(): number {
    return this.#replaced;
  }

  #take(raw: string): string {
    const withoutNul = raw.replaceAll('\0', '');
    this.#replaced += raw.length - withoutNul.length;
    const clean = withoutNul.toWellFormed();
    if (clean !== withoutNul) {
      for (let at = 0; at < clean.length; at++) if (clean.charCodeAt(at) !== withoutNul.charCodeAt(at)) this.#replaced++;
    }
    if (this.#text.length + clean.length > this.#limit) {
      throw new Failure('invalid', 'model-reply-too-long', `The model's reply is longer than ${this.#limit} characters. Set max_tokens, or ask for less.`);
    }
    this.#text += clean;
    return clean;
  }
}
