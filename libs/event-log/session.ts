import { Socket } from 'node:net';
import { Client } from 'pg';

/**
 * A session of Postgres that is kept for what it holds, such as an advisory lock. A connection that is dead without
 * having been closed (a router that was started again, a host without power) is noticed on both sides: here, because a
 * question is not answered in time; by Postgres, because it asks over TCP.
 */
export interface Session {
  /** Resolves when the session is over, for whatever reason. */
  readonly ended: Promise<void>;
  /** The first value of the last statement's first row. Rejects when there is no answer in time; the session is over then. */
  ask(text: string): Promise<unknown>;
  /** Ends it in order, or hard when nobody answers. */
  close(): Promise<void>;
}

export interface SessionPatience {
  /** How often a silent session is asked whether it is alive. */
  readonly askEveryMs: number;
  /** Longest wait for an answer. */
  readonly answerMs: number;
}

/** Nothing that is asked here takes long. */
const PATIENCE: SessionPatience = { askEveryMs: 5_000, answerMs: 8_000 };
/** Postgres asks after 5 s of silence, twice more, and ends the session after 11 s. */
const KEEPALIVE = 'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3';

/** Connects. Throws what pg throws. */
export async function openSession(url: string, name: string, { askEveryMs, answerMs } = PATIENCE): Promise<Session> {
  // Our own socket, because only destroying it ends a connection that nobody answers on.
  const socket = new Socket();
  const client = new Client({ connectionString: url, stream: () => socket, connectionTimeoutMillis: 5_000, application_name: name });
  // An error always ends the connection; 'end' does the work.
  client.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));

  let turn: Promise<unknown> = Promise.resolve();
  /** One question at a time: the deadline is for the answer, not for the queue. */
  const ask = (text: string): Promise<unknown> =>
    (turn = turn.then(
      () => question(text),
      () => question(text),
    ));
  async function question(text: string): Promise<unknown> {
    const deadline = setTimeout(() => socket.destroy(), answerMs);
    try {
      const answers: unknown = await client.query({ text, rowMode: 'array' });
      const last = (Array.isArray(answers) ? answers.at(-1) : answers) as { readonly rows: readonly (readonly unknown[])[] };
      return last.rows[0]?.[0];
    } finally {
      clearTimeout(deadline);
    }
  }

  try {
    await client.connect();
    await ask(KEEPALIVE);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const asking = setInterval(() => void ask('select 1').catch(() => undefined), askEveryMs);
  void ended.then(() => clearInterval(asking));
  return {
    ended,
    ask,
    async close() {
      const late = setTimeout(() => socket.destroy(), 500);
      await client.end().catch(() => undefined);
      clearTimeout(late);
    },
  };
}
