/** Ends a call on the caller's signal, after a total time, or after a silence; remembers which it was. */
export class CallClock {
  readonly controller = new AbortController();
  stopped: 'caller' | 'timeout' | null = null;
  readonly #signal: AbortSignal;
  readonly #total: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;

  constructor(signal: AbortSignal, totalMs: number, silenceMs: number) {
    this.#signal = signal;
    this.#total = setTimeout(this.#onTimeout, totalMs);
    this.#silence = setTimeout(this.#onTimeout, silenceMs);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Something came: the silence starts anew. */
  heard(): void {
    this.#silence.refresh();
  }

  end(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#silence);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => this.#stop('caller');
  readonly #onTimeout = () => this.#stop('timeout');

  #stop(why: 'caller' | 'timeout'): void {
    this.stopped ??= why;
    this.controller.abort();
  }
}
