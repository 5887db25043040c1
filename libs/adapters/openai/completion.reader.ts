import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import type { ChatResult } from '@agent-platform/ports/model.port';
import { ReplyText } from './reply.text.ts';

const Count = z.int().min(0);
const Usage = z.object({ prompt_tokens: Count, completion_tokens: Count });
const Part = z.object({ content: z.string().nullish(), refusal: z.string().nullish() });
const Choice = z.object({ delta: Part.nullish(), message: Part.nullish(), finish_reason: z.string().nullish() });

/**
 * What we use of a chunk of a stream (`delta`) and of a whole completion (`message`). A usage that is no pair of
 * counts is "did not say", not an error: providers differ, and the reply has been paid for.
 */
const Completion = z.object({
  model: z.string().nullish(),
  choices: z.array(Choice).nullish(),
  usage: Usage.nullish().catch(null),
});

/** Folds the chunks of one reply, or one whole completion, into a result. */
export class CompletionReader {
  readonly #reply: ReplyText;
  readonly #onToken: ((text: string) => void) | undefined;
  #model: string;
  #finish: string | null = null;
  #refused = false;
  #usage: ChatResult['usage'] = null;

  constructor(model: string, limit: number, onToken: ((text: string) => void) | undefined) {
    this.#model = model;
    this.#reply = new ReplyText(limit);
    this.#onToken = onToken;
  }

  /** Throws Failure transient `model-bad-answer`, invalid `model-reply-too-long`. */
  take(chunk: unknown): void {
    const parsed = Completion.safeParse(chunk);
    if (!parsed.success) throw badAnswer(parsed.error);
    const { model, choices, usage } = parsed.data;
    if (model) this.#model = model;
    if (usage) this.#usage = usage;
    const choice = choices?.[0];
    if (!choice) return;
    const part = choice.delta ?? choice.message;
    if (part?.refusal) this.#refused = true;
    this.#emit(this.#reply.push((part?.content ?? '') + (part?.refusal ?? '')));
    if (choice.finish_reason) this.#finish = choice.finish_reason;
  }

  /** A whole completion in one document: nothing can have been cut off, so a missing reason of finishing is harmless. */
  takeWhole(completion: unknown): void {
    this.take(completion);
    this.#finish ??= 'stop';
  }

  /** The result. Throws Failure transient `model-stream-cut` when no reason of finishing has come. */
  result(): ChatResult {
    if (this.#finish === null) throw streamCut();
    this.#emit(this.#reply.end());
    return {
      text: this.#reply.text,
      model: this.#model,
      finish_reason: this.#refused ? 'refusal' : this.#finish,
      usage: this.#usage,
      ...(this.#reply.replacedChars > 0 && { replaced_chars: this.#reply.replacedChars }),
    };
  }

  #emit(text: string): void {
    if (text !== '') this.#onToken?.(text);
  }
}

export const badAnswer = (cause: unknown): Failure =>
  new Failure('transient', 'model-bad-answer', 'The provider answered with something that is no chat completion. Check the base URL and the provider.', {
    cause,
  });

export const streamCut = (cause?: unknown): Failure =>
  new Failure('transient', 'model-stream-cut', 'The reply broke off before it was finished. Trying again is safe, and costs tokens again.', { cause });
