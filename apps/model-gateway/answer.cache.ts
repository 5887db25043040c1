import type { KeptAnswer } from './answer.kept.ts';

interface Entry {
  readonly answer: KeptAnswer;
  readonly storedAt: number;
  readonly until: number;
}

/** Answers in the memory of this process, for as long as they were stored for. The oldest go when there is no room. */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  #characters = 0;

  /** `most`: characters of all answers together. */
  constructor(most = 64 * 1024 * 1024) {
    this.#most = most;
  }

  /** The answer and its age in seconds. */
  get(key: string, now: number): { readonly answer: KeptAnswer; readonly age: number } | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.until > now) return { answer: entry.answer, age: Math.floor((now - entry.storedAt) / 1000) };
    this.#forget(key, entry);
    return null;
  }

  set(key: string, answer: KeptAnswer, seconds: number, now: number): void {
    const before = this.#entries.get(key);
    if (before) this.#forget(key, before);
    this.#entries.set(key, { answer, storedAt: now, until: now + seconds * 1000 });
    this.#characters += answer.text.length;
    for (const [oldest, entry] of this.#entries) {
      if (this.#characters <= this.#most) break;
      this.#forget(oldest, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#characters -= entry.answer.text.length;
  }
}
