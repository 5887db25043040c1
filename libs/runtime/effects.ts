import type { Command, StreamRef } from '@agent-platform/contracts/kit/index';
import type { AnyExecutor, Effect } from '@agent-platform/kernel/index';
import { crashPoint } from './crash-point.ts';
import type { ExecutionOptions } from './execution-options.ts';

/** The effects in flight for one stream. An effect that is aborted, or whose lease is lost, reports nothing. */
export class EffectRunner {
  readonly #stream: StreamRef;
  readonly #executor: AnyExecutor;
  readonly #options: ExecutionOptions;
  readonly #report: (command: Pick<Command, 'type' | 'data'>) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(stream: StreamRef, executor: AnyExecutor, options: ExecutionOptions, report: (command: Pick<Command, 'type' | 'data'>) => void) {
    this.#stream = stream;
    this.#executor = executor;
    this.#options = options;
    this.#report = report;
  }

  get idle(): boolean {
    return this.#running.size === 0;
  }

  begin(effect: Effect): void {
    if (this.#running.has(effect.key)) return;
    const abort = new AbortController();
    this.#running.set(effect.key, abort);
    void this.#perform(effect, abort);
  }

  /** Aborts what is not wanted any more. */
  keep(wanted: ReadonlySet<string>): void {
    for (const key of this.#running.keys()) if (!wanted.has(key)) this.#abort(key);
  }

  abortAll(): void {
    for (const key of this.#running.keys()) this.#abort(key);
  }

  #abort(key: string): void {
    this.#running.get(key)?.abort();
    this.#running.delete(key);
  }

  /** Never rejects: `perform` turns what goes wrong into an outcome, and what it throws after an abort means nothing. */
  async #perform(effect: Effect, abort: AbortController): Promise<void> {
    const { slots, live, commands, logger } = this.#options;
    const { signal } = abort;
    await slots.take();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort.abort();
    }, effect.timeoutMs);
    try {
      if (signal.aborted) return;
      crashPoint('executor.after-intent');
      const work = this.#executor.perform(effect, {
        stream: this.#stream,
        key: effect.key,
        correlation_id: effect.key,
        signal,
        timedOut: () => late,
        live: (topic, data) => live(this.#stream, topic, data),
        command: (type, workspace_id, data, command_id) =>
          commands({ type, workspace_id, data, command_id, cause: { actor: this.#options.actor, correlation_id: effect.key } }),
      });
      crashPoint('executor.during-effect');
      const outcome = await work;
      crashPoint('executor.after-effect');
      if (this.#running.get(effect.key) !== abort) return;
      this.#running.delete(effect.key);
      this.#report(outcome);
    } catch (error) {
      if (!signal.aborted) logger.error({ stream: this.#stream, key: effect.key, error }, 'an effect threw instead of answering');
    } finally {
      clearTimeout(timer);
      slots.give();
    }
  }
}
