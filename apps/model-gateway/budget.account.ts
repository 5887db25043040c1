import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { budgetAccountFeature, type BudgetAccountCommand, type BudgetAccountEvent, type BudgetAccountState } from '@agent-platform/budget-account/index';
import type { AppendResult, EventLog } from '@agent-platform/event-log/event-log';
import { evolveAll, isRejection, type Rejection } from '@agent-platform/kernel/index';
import type { StreamStates } from '@agent-platform/runtime/stream-states';

/** What accounts are kept in. */
export interface AccountLog {
  readonly log: Pick<EventLog, 'append' | 'readStream'>;
  readonly states: Pick<StreamStates, 'load' | 'grown'>;
  /** ISO instant by Postgres' clock. */
  now(): string;
  /** Called after a commit: wakes the relay. */
  appended(): void;
}

type Asked = Pick<BudgetAccountCommand, 'type' | 'data'>;

/** What became of a command: null, or why not; and the account after it. */
interface Booked {
  readonly rejection: Rejection | null;
  readonly state: BudgetAccountState;
}

interface Booking {
  readonly command: Asked;
  readonly done: (booked: Booked) => void;
  readonly failed: (error: unknown) => void;
}

interface Known {
  readonly state: BudgetAccountState;
  readonly version: number;
}

/** Events of one append. */
const AT_ONCE = 200;

/**
 * One account as this process sees it. It is folded once and kept; what comes while an append is under way is decided together
 * and is the next one, so many calls at once cost one commit. Other gateways write to the same stream: the expected
 * version finds that out, and a refusal counts only on the newest state. A crash loses nothing, for all of it is in the log.
 */
export class BudgetAccount {
  readonly stream: StreamRef;
  /** Calls that this process holds something back for. */
  readonly holds = new Set<string>();
  readonly #parts: AccountLog;
  readonly #wakes = new Set<() => void>();
  #queue: Booking[] = [];
  #known: Known | null = null;
  #reading: Promise<Known> | null = null;
  #working = false;

  constructor(parts: AccountLog, stream: StreamRef) {
    this.#parts = parts;
    this.stream = stream;
  }

  get idle(): boolean {
    return !this.#working && this.holds.size === 0 && this.#wakes.size === 0;
  }

  /** Decides and appends. Throws when the log does not answer: then it may be done or not, and may be asked again. */
  book(command: Asked): Promise<Booked> {
    return new Promise((done, failed) => {
      this.#queue.push({ command, done, failed });
      if (!this.#working) void this.#work();
    });
  }

  /** What would become of a command, nothing appended. */
  async peek(command: Asked): Promise<Booked> {
    const { state } = this.#known ?? (await this.#read());
    const decided = this.#decide(command, state);
    if (!isRejection(decided)) return { rejection: null, state };
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    const newest = (await this.#reading).state;
    const again = this.#decide(command, newest);
    return { rejection: isRejection(again) ? again : null, state: newest };
  }

  /** Resolves when something was settled here, after `ms`, or at the signal. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake, { once: true });
      this.#wakes.add(wake);
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    // What is asked for in one tick is one append.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, AT_ONCE);
      try {
        await this.#decideAll(batch);
      } catch (error) {
        this.#known = null;
        for (const { failed } of batch) failed(error);
      }
    }
    this.#working = false;
  }

  async #decideAll(batch: readonly Booking[]): Promise<void> {
    let fresh = this.#known === null;
    let known: Known = this.#known ?? (await this.#read());
    for (;;) {
      const { events, outcomes, state } = this.#outcomesOf(batch, known.state);
      // A refusal counts on the newest state only: what is known here may be of the past.
      const stale = !fresh && outcomes.some(({ rejection }) => rejection !== null);
      const result = stale || events.length === 0 ? null : await this.#append(events, known.version);
      if (stale || result?.status === 'conflict') {
        known = await this.#read();
        fresh = true;
        continue;
      }
      if (result && result.status !== 'appended') throw new Error(`an account met "${result.status}"`);
      this.#known = { state, version: result?.last_version ?? known.version };
      if (result) {
        this.#parts.appended();
        this.#parts.states.grown(budgetAccountFeature, this.stream, this.#known);
      }
      batch.forEach(({ done }, index) => done(outcomes[index] ?? { rejection: null, state }));
      if (events.some(({ type }) => type === 'budget_account.settled')) for (const wake of this.#wakes) wake();
      return;
    }
  }

  /** What commands decide one after the other. */
  #outcomesOf(batch: readonly Booking[], before: BudgetAccountState) {
    let state = before;
    const events: BudgetAccountEvent[] = [];
    const outcomes = batch.map(({ command }): Booked => {
      const decided = this.#decide(command, state);
      if (isRejection(decided)) return { rejection: decided, state };
      events.push(...decided);
      state = evolveAll(budgetAccountFeature.decider, state, decided);
      return { rejection: null, state };
    });
    return { events, outcomes, state };
  }

  /** The account as it is in the log now. */
  async #read(): Promise<Known> {
    const known = this.#known;
    if (known) {
      const tail = await this.#parts.log.readStream(this.stream, { from: known.version + 1 });
      // The log holds what the contract promised.
      const state = evolveAll(budgetAccountFeature.decider, known.state, tail as never[]);
      return (this.#known = { state, version: tail.at(-1)?.version ?? known.version });
    }
    const { state, version } = await this.#parts.states.load(budgetAccountFeature, this.stream);
    return (this.#known = { state: state as BudgetAccountState, version });
  }

  #append(events: readonly BudgetAccountEvent[], expected: number): Promise<AppendResult> {
    const cause = { actor: 'model-gateway', correlation_id: this.stream.stream_id };
    return this.#parts.log.append({ stream: this.stream, expected, events: events.map((event) => ({ ...event, schema_version: 1 })), cause });
  }

  #decide({ type, data }: Asked, state: BudgetAccountState) {
    const meta = { command_id: '', ...this.stream, now: this.#parts.now(), actor: 'model-gateway', correlation_id: '' };
    // The pair of type and data is kept; TypeScript can't see it through the union.
    return budgetAccountFeature.decider.decide({ type, data, meta } as BudgetAccountCommand, state);
  }
}
