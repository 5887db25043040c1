import type { Cause, Command, EventEnvelope, NewEvent, StreamRef } from '@agent-platform/contracts/kit/index';
import type { AppendResult } from '@agent-platform/event-log/event-log';
import { evolveAll, Failure, isRejection, type AnyExecutor, type AnyFeature, type Effect, type Wanted } from '@agent-platform/kernel/index';
import { crashPoint } from './crash-point.ts';
import { EffectRunner } from './effects.ts';
import type { ExecutionOptions } from './execution-options.ts';
import { Bell } from './bell.ts';
import { type Delivery, type Mail, settle } from './mail.ts';
import { patiently } from './patience.ts';
import { foldOn } from './stream-states.ts';

/** What is known of the stream before it is read. */
export interface ActivationStart {
  /** The lease is somebody's who has died, or has lapsed: it is claimed even when there is nothing to append. */
  readonly takeOver: boolean;
  /** All events of the stream so far, when they came along with the hint. Should there be more, the first append conflicts. */
  readonly history?: readonly EventEnvelope[];
}

/**
 * One stream while this process works on it: run to quiescence. Promise: what is decided is appended under the
 * lease before it has any effect; when the process dies at any instruction, another one folds the stream and
 * goes on. The loop: decide all mail on the folded state, append (the first append claims the lease, the last
 * one gives it back), begin the effects that the appended events ask for, wait for outcomes.
 */
export class Activation {
  readonly stream: StreamRef;
  readonly #executor: AnyExecutor;
  readonly #feature: AnyFeature;
  readonly #options: ExecutionOptions;
  readonly #effects: EffectRunner;
  readonly #bell = new Bell();
  #mail: Mail[] = [];
  #state: unknown;
  #version = 0;
  #context: unknown;
  #cause: Cause = { actor: 'executor', correlation_id: 'none' };
  #epoch: number | null = null;
  #stale = false;
  #takeOver: boolean;
  #history: readonly EventEnvelope[] | undefined;

  constructor(stream: StreamRef, executor: AnyExecutor, options: ExecutionOptions, { takeOver, history }: ActivationStart) {
    this.stream = stream;
    this.#executor = executor;
    this.#feature = options.features.of(executor.category);
    this.#options = options;
    this.#takeOver = takeOver;
    this.#history = history;
    this.#effects = new EffectRunner(stream, executor, options, (command) => this.#receive({ command }));
  }

  get lease(): { readonly stream: StreamRef; readonly owner: number; readonly epoch: number } | null {
    return this.#epoch === null ? null : { stream: this.stream, owner: this.#options.owner(), epoch: this.#epoch };
  }

  /** Version up to which everything has been decided on under our lease; 0 while there is no lease. */
  get held(): number {
    return this.#epoch === null || this.#stale ? 0 : this.#version;
  }

  get version(): number {
    return this.#version;
  }

  deliver(command: Wanted<Command>): Promise<Delivery> {
    return new Promise((settle) => this.#receive({ command, settle }));
  }

  /** Somebody else may have appended: read the tail before the next decision. */
  refresh(): void {
    this.#stale = true;
    this.#bell.ring();
  }

  /** The lease is gone: nothing that is in hand may have an effect any more. */
  lost(): void {
    this.#epoch = null;
    this.#effects.abortAll();
    this.refresh();
  }

  /**
   * Works until the stream is quiet; `finished` is called without a pause after that, with the version up to which everything
   * has been decided on: 0 when it came to nothing, because of an error or of somebody else's lease.
   */
  async run(finished: (decided: number) => void): Promise<void> {
    let decided = 0;
    try {
      do {
        await this.#load();
        decided = (await this.#untilQuiet()) === 'quiet' ? this.#version : 0;
      } while (this.#mail.length > 0);
    } catch (error) {
      decided = 0;
      this.#effects.abortAll();
      this.#settleAll({ status: 'failed', error });
      this.#options.logger.error({ stream: this.stream, error }, 'activation failed');
    } finally {
      finished(decided);
    }
  }

  #receive(mail: Mail): void {
    this.#mail.push(mail);
    this.#bell.ring();
  }

  async #load(): Promise<void> {
    const { states, lookup } = this.#options;
    const history = this.#history;
    this.#history = undefined;
    const { state, version, first } = history ? foldOn(this.#feature, null, history) : await patiently(() => states.load(this.#feature, this.stream));
    this.#state = state;
    this.#version = version;
    this.#stale = false;
    if (!first || this.#executor.ended(this.#state)) return;
    this.#cause = { actor: this.#options.actor, correlation_id: first.correlation_id, causation_id: first.id, traceparent: first.traceparent };
    this.#context = await patiently(() => this.#executor.context(this.#state, this.stream, lookup));
    this.#takeUp();
  }

  /** Effects that the log says are under way, and are under way nowhere here, come first; then the stream goes on from where it is. */
  #takeUp(): void {
    const recover = this.#executor.recover(this.#state, this.#context);
    const opening: Mail[] = [...(recover ? [{ command: recover }] : []), { command: this.#executor.advance(this.#state, this.#context) }];
    this.#mail = [...opening, ...this.#mail];
  }

  async #untilQuiet(): Promise<'quiet' | 'lost'> {
    for (;;) {
      if (this.#version === 0 || this.#executor.ended(this.#state)) {
        await this.#conclude();
        return 'quiet';
      }
      if (this.#stale) await this.#refreshTail();
      const mail = this.#mail;
      this.#mail = [];
      const quiet = await this.#work(mail);
      if (quiet === 'lost') return 'lost';
      if (quiet === 'quiet' && this.#mail.length === 0 && !this.#stale) return 'quiet';
      if (this.#mail.length === 0 && !this.#stale) await this.#bell.wait();
    }
  }

  /** Decides, appends, begins effects. */
  async #work(mail: readonly Mail[]): Promise<'quiet' | 'busy' | 'lost'> {
    const { events, effects, state } = this.#decide(mail);
    const quiet = effects.length === 0 && this.#effects.idle && this.#mail.length === 0;
    if (events.length === 0 && !this.#takeOver && !(quiet && this.#epoch !== null)) {
      settle(mail, { status: 'applied' });
      return quiet ? 'quiet' : 'busy';
    }
    crashPoint('executor.before-append');
    const result = await this.#append(events, quiet);
    crashPoint('executor.after-append');
    if (result === 'again') {
      this.#mail = [...mail, ...this.#mail];
      this.#stale = true;
      return 'busy';
    }
    if (result.status === 'appended') {
      this.#takeOver = false;
      this.#epoch = quiet ? null : result.epoch;
      this.#state = state;
      this.#version = result.last_version;
      settle(mail, { status: 'applied' });
      if (events.length > 0) this.#options.appended();
      if (quiet) this.#parked();
      this.#tellEnd(events);
      for (const effect of effects) this.#effects.begin(effect);
      if (this.#executor.ended(this.#state)) this.#effects.abortAll();
      return quiet ? 'quiet' : 'busy';
    }
    return this.#refused(mail, result);
  }

  /** Whoever wakes it will fold it again; while it is in hand, and after its end, hardly anybody does. */
  #parked(): void {
    const { states } = this.#options;
    if (!this.#executor.ended(this.#state)) states.grown(this.#feature, this.stream, { state: this.#state, version: this.#version });
  }

  /** Whoever waits for the end hears of it at the commit, before the relay has published it. */
  #tellEnd(events: readonly NewEvent[]): void {
    const last = events.at(-1);
    if (!last || !this.#executor.ended(this.#state)) return;
    this.#options.live(this.stream, 'ended', { type: last.type, version: this.#version, data: last.data });
  }

  #decide(mail: readonly Mail[]): { events: NewEvent[]; effects: Effect[]; state: unknown } {
    const { decider } = this.#feature;
    const meta = {
      ...this.#cause,
      command_id: this.stream.stream_id,
      workspace_id: this.stream.workspace_id,
      stream_id: this.stream.stream_id,
      now: this.#options.clock.now(),
    };
    const events: NewEvent[] = [];
    const effects: Effect[] = [];
    let state = this.#state;
    for (const { command, settle: answer } of this.#merged(mail)) {
      const decision = decider.decide({ ...this.#executor.bind(command, this.#context), meta }, state);
      if (isRejection(decision)) {
        this.#options.logger.warn({ stream: this.stream, command: command.type, code: decision.code }, 'executor command rejected');
        // It may be early: whoever delivered it must not take it for done.
        answer?.({ status: 'failed', error: new Failure('transient', decision.code, decision.message) });
        continue;
      }
      if (decision.length === 0) continue;
      state = evolveAll(decider, state, decision);
      for (const event of decision) {
        events.push(event);
        const effect = this.#executor.effect(event, state, this.#context);
        if (effect) effects.push(effect);
      }
    }
    return { events, effects: this.#executor.ended(state) ? [] : effects, state };
  }

  /** What nobody waits for an answer to, outcomes mostly, may be decided as one. */
  #merged(mail: readonly Mail[]): readonly Mail[] {
    const { merge } = this.#executor;
    if (!merge || mail.length < 2) return mail;
    const unanswered = mail.filter((one) => !one.settle).map(({ command }) => command);
    return [...merge(unanswered).map((command: Wanted<Command>) => ({ command })), ...mail.filter((one) => one.settle)];
  }

  /** `again`: Postgres was away, and whether the events are in the log is to be found out by reading it. */
  async #append(events: readonly NewEvent[], release: boolean): Promise<AppendResult | 'again'> {
    const { log, ttlMs } = this.#options;
    const owner = this.#options.owner();
    try {
      return await log.append({
        stream: this.stream,
        expected: this.#version,
        events: events.map((event) => ({ type: event.type, data: event.data, schema_version: this.#feature.contract.events[event.type]?.version ?? 1 })),
        cause: this.#cause,
        lease: this.#epoch === null ? { use: 'claim', owner, ttlMs } : { use: 'hold', owner, epoch: this.#epoch, ttlMs },
        release,
      });
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'transient') throw error;
      this.#options.logger.warn({ stream: this.stream, error }, 'the log did not answer; trying again');
      return 'again';
    }
  }

  #refused(mail: readonly Mail[], result: Exclude<AppendResult, { status: 'appended' }>): 'busy' | 'lost' {
    if (result.status === 'conflict') {
      this.#mail = [...mail, ...this.#mail];
      this.#stale = true;
      return 'busy';
    }
    this.#epoch = null;
    this.#effects.abortAll();
    const owner = result.status === 'leased' ? result.owner : null;
    this.#options.logger.info({ stream: this.stream, status: result.status, owner }, 'the lease is somebody else’s; dropping the work');
    settle(mail, { status: 'leased', owner });
    this.#settleAll({ status: 'leased', owner });
    return 'lost';
  }

  async #refreshTail(): Promise<void> {
    this.#stale = false;
    const tail = await patiently(() => this.#options.log.readStream(this.stream, { from: this.#version + 1 }));
    this.#absorb(tail);
    this.#effects.keep(this.#executor.wanted(this.#state));
    if (tail.length === 0 || this.#context === undefined) return;
    if (tail.some((event) => this.#executor.effect(event, this.#state, this.#context) !== null)) {
      // An append of ours that was never answered, or of somebody who had the lease meanwhile: what it began, nobody here does.
      this.#effects.abortAll();
      return this.#takeUp();
    }
    // Events that somebody else appended may have made nodes ready: look again.
    this.#mail.push({ command: this.#executor.advance(this.#state, this.#context) });
  }

  /** The stream does not exist or has ended: whatever is in the mail means nothing any more. */
  async #conclude(): Promise<void> {
    this.#effects.abortAll();
    if (this.#takeOver && this.#version > 0) await this.#append([], true);
    this.#takeOver = false;
    this.#settleAll({ status: 'applied' });
  }

  #absorb(events: readonly EventEnvelope[]): void {
    this.#state = evolveAll<unknown, EventEnvelope>(this.#feature.decider, this.#state, events);
    this.#version = events.at(-1)?.version ?? this.#version;
  }

  #settleAll(delivery: Delivery): void {
    const mail = this.#mail;
    this.#mail = [];
    settle(mail, delivery);
  }
}
