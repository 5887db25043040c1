/** A native Postgres cluster of our own: guarded, on loopback, with durability and checksums on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { awaitPredecessor, lockFolder } from './data-folder.ts';
import { startGuarded } from './guarded.process.ts';
import { PortTaken, startOnFreePort } from './loopback.port.ts';
import { type PostgresPrograms, type PostgresUser, asUser, findPostgres } from './postgres.programs.ts';
import { NotReady, logSize, whenReady } from './readiness.ts';
import type { RunningPostgres } from './running.server.ts';

/** What `startNativePostgres` can be told. */
export interface NativePostgresOptions {
  /** The cluster, its log and its Unix socket are kept here. */
  readonly dataDir: string;
  /** Over the defaults: `fsync`, `synchronous_commit`, `full_page_writes` on, 200 connections, 128 MB buffers. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder of the programs to run; without it, `findPostgres` looks for some. */
  readonly programs?: string;
  /** A fixed port on 127.0.0.1; without it a free one. */
  readonly port?: number;
  /** Default 60 s: a crashed cluster first replays its write-ahead log. */
  readonly timeoutMs?: number;
}

// Postgres's own defaults, named so that a reader sees what is promised and nothing around us changes them.
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '128MB',
  max_connections: '200',
};

// A Unix socket's path may have 107 bytes on Linux and 103 on macOS.
const LONGEST_SOCKET_FOLDER = 103 - '/.s.PGSQL.65535'.length;

function giveTo(user: PostgresUser, folder: string): void {
  if (user.uid === undefined || user.gid === undefined) return;
  for (const name of readdirSync(folder)) {
    // Our own notes stay ours; the cluster and the log are what Postgres writes.
    if (name.startsWith('.lock')) continue;
    const entry = path.join(folder, name);
    if (lstatSync(entry).uid === user.uid) continue;
    chownSync(entry, user.uid, user.gid);
    if (lstatSync(entry).isDirectory()) giveTo(user, entry);
  }
  chownSync(folder, user.uid, user.gid);
}

/** Made beside its place and moved there when complete: Ctrl-C leaves nothing half-made. */
function initialize(programs: PostgresPrograms, home: string, cluster: string): void {
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums', '--no-instructions'];
  const { command, args, ids } = asUser(programs.user, path.join(programs.folder, 'initdb'), ['-D', draft, ...flags]);
  const { status, stderr } = spawnSync(command, args, { ...ids, cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new NotReady(`initdb could not make a cluster in ${draft}`, stderr.trim());
  renameSync(draft, cluster);
}

function requireVersion(programs: PostgresPrograms, cluster: string): void {
  const made = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (programs.version.split('.')[0] === made) return;
  throw new Error(
    `data folder ${cluster}: made by Postgres ${made}, and the Postgres found here is ${programs.version}. ` +
      `Install Postgres ${made}, or move the folder away and start with a new one`,
  );
}

async function answers(url: string, cluster: string): Promise<true | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    // Another program's Postgres on this port: ours is about to say so and end.
    return rows[0]?.data_directory === cluster ? true : undefined;
  } finally {
    await client.end();
  }
}

async function startOn(port: number, home: string, programs: PostgresPrograms, options: NativePostgresOptions): Promise<RunningPostgres> {
  const cluster = path.join(home, 'cluster');
  const logFile = path.join(home, 'postgres.log');
  const settings: Record<string, string> = {
    ...SETTINGS,
    ...options.settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: Buffer.byteLength(home) <= LONGEST_SOCKET_FOLDER ? home : '',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args, ids } = asUser(programs.user, path.join(programs.folder, 'postgres'), ['-D', cluster, ...flags]);
  const logFrom = logSize(logFile);
  const server = await startGuarded({ command, args, ...ids, cwd: home, logFile, stopSignal: 'INT', graceSeconds: 30 });
  const databaseUrl = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  try {
    await whenReady('Postgres', server, logFile, () => answers(databaseUrl, cluster), options.timeoutMs ?? 60_000, logFrom);
    return { kind: 'native', databaseUrl, port, pid: server.pid, exited: server.exited, logFile, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    if (error instanceof NotReady && /could not bind|Address already in use/i.test(error.log)) throw new PortTaken(port);
    throw error;
  }
}

/**
 * Starts Postgres on `dataDir`, making the cluster first if there is none, and resolves once it answers
 * queries. User `postgres`, no password, loopback only. As root it runs as `postgres` or `nobody`.
 * Throws `FolderInUse`, `PortTaken` (only for a port that was asked for) or `NotReady`.
 */
export async function startNativePostgres(options: NativePostgresOptions): Promise<RunningPostgres> {
  const home = path.resolve(options.dataDir);
  mkdirSync(home, { recursive: true });
  const unlock = lockFolder(home);
  try {
    const programs = findPostgres(home, options.programs);
    const cluster = path.join(home, 'cluster');
    const pidFile = path.join(cluster, 'postmaster.pid');
    await awaitPredecessor(home, pidFile, cluster);
    // Left by a killed cluster. Postgres compares only the pid, which may be another program's by now.
    rmSync(pidFile, { force: true });
    chmodSync(home, 0o755);
    giveTo(programs.user, home);
    if (!existsSync(cluster)) initialize(programs, home, cluster);
    requireVersion(programs, cluster);
    const server = await startOnFreePort(options.port, (port) => startOn(port, home, programs, options));
    return {
      ...server,
      async stop() {
        await server.stop();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
