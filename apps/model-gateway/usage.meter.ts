import { Transform, type TransformCallback } from 'node:stream';
import { z } from 'zod';

/** Bytes of a stream that are kept for counting; of a longer one the end, where the provider's count stands. */
const KEPT_BYTES = 4 * 1024 * 1024;

const Count = z.int().min(0);
/** Rerankers only say how many tokens there were. */
const Usage = z.object({
  usage: z.union([
    z.object({ prompt_tokens: Count, completion_tokens: Count.default(0) }),
    z.object({ total_tokens: Count }).transform(({ total_tokens }) => ({ prompt_tokens: total_tokens, completion_tokens: 0 })),
  ]),
});
const Piece = z.object({
  choices: z.array(z.object({ delta: z.looseObject({}).optional(), message: z.looseObject({}).optional() })),
});

export interface Counted {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly counted_by: 'provider' | 'tokenizer' | 'nobody';
}

/** Hands bytes on as they come and keeps them for counting, which is done when the answer has been sent. */
export class UsageMeter extends Transform {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor() {
    // What the provider writes is paid, also what a slow caller has not read when it leaves.
    super({ readableHighWaterMark: KEPT_BYTES });
  }

  override _transform(part: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    while (this.#bytes > KEPT_BYTES && this.#parts.length > 1) this.#bytes -= this.#parts.shift()?.length ?? 0;
    done(null, part);
  }

  /** What went through, from the last `KEPT_BYTES` on. */
  get text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}

/** Counts an answer, streamed or whole: by the provider's own count, else by a tokenizer, which is near for other models. */
export async function countTokens(request: object, answer: string): Promise<Counted> {
  const documents = documentsOf(answer);
  for (const text of documents.toReversed()) {
    if (!text.includes('"usage"')) continue;
    const parsed = Usage.safeParse(parseJson(text));
    if (parsed.success) return { ...parsed.data.usage, counted_by: 'provider' };
  }
  const written = documents.flatMap((text) => {
    const parsed = Piece.safeParse(parseJson(text));
    return parsed.success ? parsed.data.choices.map(({ delta, message }) => textsOf(delta ?? message)) : [];
  });
  // Loaded with the first answer that needs it: it takes a quarter of a second.
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  return { prompt_tokens: count(textsOf(request)), completion_tokens: count(written.join('')), counted_by: 'tokenizer' };
}

/** JSON texts of an answer: the data of its events, or itself. */
const documentsOf = (answer: string): readonly string[] =>
  answer.startsWith('{') ? [answer] : answer.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));

const SAID = new Set(['content', 'text', 'arguments', 'name', 'refusal', 'reasoning_content', 'input', 'query', 'documents']);

/** What a model reads or writes of a message: the texts under the names above, however deep. */
function textsOf(value: unknown): string {
  const texts: string[] = [];
  const walk = (at: unknown, said: boolean): void => {
    if (typeof at === 'string') {
      if (said) texts.push(at);
    } else if (Array.isArray(at)) for (const one of at) walk(one, said);
    else if (typeof at === 'object' && at !== null) for (const [name, one] of Object.entries(at)) walk(one, SAID.has(name));
  };
  walk(value, false);
  return texts.join('');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
