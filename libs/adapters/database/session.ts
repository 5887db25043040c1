import { Socket } from 'node:net';
import type { DatabaseAnswer, DatabaseQuery } from '@agent-platform/ports/database.port';
import { collectRows } from './collect.rows.ts';
import type { Connection } from './connections.ts';
import type { Phase } from './query.failure.ts';

/**
 * One statement on a connection of its own: no session state (settings, temporary tables, locks) passes from one call,
 * workspace or run to the next, and ending a call is ending its connection. A statement that ends the transaction of
 * its own accord ends a connection's only transaction, and there is no second statement.
 */
export class Session {
  phase: Phase = 'connect';
  readonly #connection: Connection;
  readonly #query: DatabaseQuery;
  readonly #socket = new Socket();

  constructor(connection: Connection, query: DatabaseQuery) {
    this.#connection = connection;
    this.#query = query;
  }

  end(): void {
    this.#socket.destroy();
  }

  async run(timeoutMs: number): Promise<DatabaseAnswer> {
    // Loaded with the first call: few processes ever make one.
    const { Client, Query } = await import('pg');
    const { url, max_bytes, max_rows } = this.#connection;
    const { mode, sql, parameters } = this.#query;
    const client = new Client({ connectionString: url, application_name: 'agent-platform tool', stream: () => this.#socket });
    // A connection that ends also ends the query that waits on it, which is where it is told.
    client.on('error', () => undefined);
    await client.connect();
    this.phase = 'statement';
    const limit = Math.ceil(timeoutMs);
    await client.query(
      `begin ${mode === 'read' ? 'read only' : 'read write'}; set local statement_timeout = ${limit}; set local lock_timeout = ${limit};
       set local idle_in_transaction_session_timeout = ${limit}; set local timezone = 'UTC'`,
    );
    const limits = { rows: Math.min(this.#query.max_rows, max_rows), bytes: max_bytes };
    const answer = await collectRows({ client, Query, socket: this.#socket, mode, sql, parameters, limits });
    if (mode === 'write') {
      this.phase = 'commit';
      await client.query('commit');
    }
    // Until the server has let go of it, too: its connections are counted.
    if (!answer.truncated || mode === 'write') await client.end().catch(() => undefined);
    return answer;
  }
}
