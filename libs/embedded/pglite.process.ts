/**
 * The PGlite process: `pglite.process.ts init <folder>` makes a new cluster and ends,
 * `pglite.process.ts serve <folder or empty> <port>` serves it (or a fresh one in memory) on loopback and
 * writes `{"port":n}` to descriptor 4 once it answers. SIGTERM ends it in order.
 */
import { writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { serveConnection } from './shared.connection.ts';
import { SharedSession } from './shared.session.ts';

const IDLE_IN_TRANSACTION_MS = 60_000;
const WORDS = 4;

function broke(what: string, error: unknown): never {
  process.stderr.write(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

function open(folder: string): Promise<PGlite> {
  return folder === '' ? PGlite.create({ extensions: { vector } }) : PGlite.create(folder, { extensions: { vector } });
}

async function reportedSettings(db: PGlite): Promise<Record<string, string>> {
  const names = [
    'server_version',
    'server_encoding',
    'client_encoding',
    'DateStyle',
    'IntervalStyle',
    'TimeZone',
    'integer_datetimes',
    'standard_conforming_strings',
  ];
  const settings: Record<string, string> = {};
  for (const name of names) {
    const { rows } = await db.query<Record<string, string>>(`show ${name}`);
    settings[name] = Object.values(rows[0] ?? {})[0] ?? '';
  }
  return settings;
}

async function serve(folder: string, wantedPort: number): Promise<void> {
  const db = await open(folder);
  const rules = { database: 'postgres', settings: await reportedSettings(db), idleInTransactionMs: IDLE_IN_TRANSACTION_MS };
  const session = new SharedSession(
    // PGlite's files are written as Postgres writes them; there is nothing to copy afterwards.
    (messages) => db.execProtocolRaw(messages, { syncToFs: false }),
    (error) => broke('the PGlite session broke', error),
  );
  const sockets = new Set<Socket>();
  let lastId = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    lastId += 1;
    serveConnection(lastId, socket, session, rules);
  });
  server.on('error', (error) => broke('PGlite cannot listen', error));
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
    db.close().then(
      () => process.exit(0),
      (error: unknown) => broke('PGlite did not close in order', error),
    );
  };
  process.once('SIGTERM', stop);
  process.on('SIGINT', () => undefined);
  server.listen(wantedPort, '127.0.0.1', () => {
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : wantedPort;
    writeSync(WORDS, `${JSON.stringify({ port })}\n`);
  });
}

const [mode, folder = '', port = '0'] = process.argv.slice(2);
if (mode === 'init') await (await open(folder)).close();
else await serve(folder, Number(port));
