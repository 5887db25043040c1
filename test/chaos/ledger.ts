import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

/** What a client asked for. `id` is its idempotency key. */
export interface Order {
  readonly id: string;
  readonly workspace: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly via: 'nats' | 'http';
}

/** An acknowledgement, as far as it is compared: which thing, and where in the log. */
export interface Acknowledged {
  readonly id: string;
  readonly version: number;
  readonly event_id: string | null;
}

/** `unknown`: no answer came, so it may have been carried out or not. */
export type Answer =
  | { readonly status: 'ok'; readonly reply: Acknowledged }
  | { readonly status: 'fail'; readonly code: string }
  | { readonly status: 'unknown'; readonly why: string };

export interface Entry {
  readonly order: Order;
  /** In the order in which they came; the first `ok` or `fail` settles the order. */
  readonly answers: Answer[];
}

/** What clients were told. Kept in a file too, a line per step, so that a run can be looked into afterwards. */
export class Ledger {
  readonly entries = new Map<string, Entry>();
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  invoke(order: Order): void {
    if (!this.entries.has(order.id)) this.entries.set(order.id, { order, answers: [] });
    this.#write({ step: 'invoke', ...order });
  }

  answered(order: Order, answer: Answer): void {
    this.entries.get(order.id)?.answers.push(answer);
    this.#write({ step: answer.status, id: order.id, answer });
  }

  /** Strikes out orders whose acknowledgement does not count any more; returns how many. */
  strike(isLost: (answer: Acknowledged) => boolean): number {
    const lost = [...this.entries.values()].filter(({ answers }) => answers.some((answer) => answer.status === 'ok' && isLost(answer.reply)));
    for (const { order } of lost) this.entries.delete(order.id);
    return lost.length;
  }

  unsettled(): Order[] {
    return [...this.entries.values()].filter((entry) => !settledBy(entry)).map(({ order }) => order);
  }

  #write(line: object): void {
    appendFileSync(this.#file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
  }
}

export const settledBy = ({ answers }: Entry): Exclude<Answer, { status: 'unknown' }> | undefined => answers.find((answer) => answer.status !== 'unknown');

export const newOrder = (workspace: string, type: string, data: Order['data'], via: Order['via']): Order => ({ id: randomUUID(), workspace, type, data, via });
