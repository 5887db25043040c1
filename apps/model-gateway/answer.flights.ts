import type { KeptAnswer } from './answer.kept.ts';
import { OpenAiError } from './openai.error.ts';

/** What became of a call: an answer for all who wait for it, or none, because its caller `left` or because it `failed`. */
export type Landing = KeptAnswer | 'left' | 'failed';

/** Calls under way in this process, by what they ask: the first one asks, and equal ones wait for its answer. */
export class AnswerFlights {
  readonly #flights = new Map<string, Promise<Landing>>();

  /** What becomes of the call that is under way; null when there is none. Throws OpenAiError 499 when who waits for it leaves. */
  follow(key: string, signal: AbortSignal): Promise<Landing> | null {
    const flight = this.#flights.get(key);
    if (!flight) return null;
    return new Promise((resolve, reject) => {
      const leave = () => reject(new OpenAiError(499, 'client_closed', 'The caller has gone.'));
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      void flight.then((landing) => {
        signal.removeEventListener('abort', leave);
        resolve(landing);
      });
    });
  }

  /** Begins the call that others wait for; what it gives is told once what became of it. */
  lead(key: string): (landing: Landing) => void {
    const { promise, resolve } = Promise.withResolvers<Landing>();
    this.#flights.set(key, promise);
    return (landing) => {
      this.#flights.delete(key);
      resolve(landing);
    };
  }
}
