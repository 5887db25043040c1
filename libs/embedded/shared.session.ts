/**
 * One Postgres session shared by many connections, safely.
 *
 * PGlite has a single session. pglite-socket 0.2.17 hands it the messages of all connections one by one:
 * tried with eight connections, named prepared statements collide ("already exists"), and by its source
 * one failing turn stops the queue for everybody. Here a connection gets the session for a whole turn:
 * from its first message until the session says "ready, idle", that is for a statement, a pipeline up
 * to Sync, or a transaction from begin to end. Everybody else waits, first come first served.
 *
 * What one session cannot give: notifications across connections, session advisory locks that exclude
 * anybody, settings (SET) of one connection only, cancelling a running statement.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { query, readyStatus, sync } from './wire.message.ts';

// A pipeline that failed before its Sync ignores everything up to one.
const ROLLBACK = Buffer.concat([sync(), query('ROLLBACK')]);

/** Runs wire protocol messages and answers with the session's own, both as they are on the wire. */
export type RunOnSession = (messages: Uint8Array) => Promise<Uint8Array>;

interface Turn {
  readonly connection: number;
  readonly messages: Uint8Array;
  readonly answer: (bytes: Uint8Array) => void;
}

/** Gives connections, known by a number, their turns on the session. */
export class SharedSession {
  readonly #run: RunOnSession;
  readonly #onBroken: (error: unknown) => void;
  readonly #closed = new Set<number>();
  #waiting: Turn[] = [];
  #holder: number | undefined;
  #busy = false;

  /** `onBroken` hears of an error of the session itself, after which nothing can be promised. */
  constructor(run: RunOnSession, onBroken: (error: unknown) => void) {
    this.#run = run;
    this.#onBroken = onBroken;
  }

  /** Who holds the session between its turns, in an open transaction or an unfinished pipeline. */
  get holder(): number | undefined {
    return this.#holder;
  }

  /** Queues whole messages, the last of which asks for an answer. Resolves with the answer. */
  take(connection: number, messages: Uint8Array): Promise<Uint8Array> {
    return new Promise((answer) => {
      this.#waiting.push({ connection, messages, answer });
      this.#pump();
    });
  }

  /** A connection is gone: what it had not begun is dropped, its open transaction rolled back. */
  leave(connection: number, cleanup: Uint8Array): void {
    this.#closed.add(connection);
    this.#waiting = this.#waiting.filter((turn) => turn.connection !== connection);
    const parting = this.#holder === connection ? Buffer.concat([ROLLBACK, cleanup]) : cleanup;
    const forget = (): void => {
      this.#closed.delete(connection);
    };
    const turn: Turn = { connection, messages: parting, answer: forget };
    if (parting.length === 0 && !this.#busy) forget();
    else this.#waiting.unshift(turn);
    this.#pump();
  }

  #next(): Turn | undefined {
    const index = this.#holder === undefined ? 0 : this.#waiting.findIndex((turn) => turn.connection === this.#holder);
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  #pump(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#work().then(
      () => {
        this.#busy = false;
      },
      (error: unknown) => this.#onBroken(error),
    );
  }

  async #work(): Promise<void> {
    for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
      await this.#serve(turn);
      // Between turns the sockets are read and written, so that a new turn can come from a holder.
      await breathe();
    }
  }

  async #serve(turn: Turn): Promise<void> {
    const answer = turn.messages.length === 0 ? new Uint8Array() : await this.#run(turn.messages);
    const status = readyStatus(answer);
    const stillOpen = status === undefined ? turn.messages.length > 0 : status !== 'I';
    this.#holder = stillOpen ? turn.connection : undefined;
    turn.answer(answer);
    // It left while its last turn ran, and that turn opened a transaction.
    if (stillOpen && this.#closed.has(turn.connection)) {
      this.#holder = undefined;
      await this.#run(ROLLBACK);
    }
  }
}
