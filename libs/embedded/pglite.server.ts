/** PGlite (Postgres compiled to WebAssembly) with pgvector, in a guarded process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { awaitPredecessor, lockFolder } from './data-folder.ts';
import { startGuarded } from './guarded.process.ts';
import { PortTaken } from './loopback.port.ts';
import { NotReady, logSize, whenReady } from './readiness.ts';
import type { RunningPostgres } from './running.server.ts';
import { createTemporaryFolder } from './temporary.folder.ts';

const ENTRY = path.join(import.meta.dirname, 'pglite.process.ts');
const Words = z.object({ port: z.int() });

/** What `startPglite` can be told. */
export interface PgliteOptions {
  /** Where the data is kept; without it everything is in memory and gone at the end. */
  readonly dataDir?: string;
  /** A fixed port on 127.0.0.1; without it a free one. */
  readonly port?: number;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/** A new cluster is made beside its place and moved there when complete: Ctrl-C leaves nothing half-made. */
function initialize(cluster: string): void {
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  const { status, stderr } = spawnSync(process.execPath, [ENTRY, 'init', draft], { encoding: 'utf8' });
  if (status !== 0) throw new NotReady(`PGlite could not make its cluster in ${draft}`, stderr.trim());
  renameSync(draft, cluster);
}

/**
 * Starts PGlite and resolves once it answers queries. Any number of connections from any processes may
 * use it; they share one session (see shared.session.ts for what that excludes). Survives SIGKILL of its
 * users with its data; not made for power failures (no fsync).
 * Throws `FolderInUse`, `PortTaken` or `NotReady`.
 */
export async function startPglite(options: PgliteOptions = {}): Promise<RunningPostgres> {
  const { dataDir, port = 0, timeoutMs = 60_000 } = options;
  const temporary = dataDir === undefined ? createTemporaryFolder('pglite-') : undefined;
  const home = temporary?.path ?? path.resolve(dataDir ?? '');
  mkdirSync(home, { recursive: true });
  const unlock = lockFolder(home);
  const logFile = path.join(home, 'pglite.log');
  const pidFile = path.join(home, 'pglite.pid');
  const cleanUp = async (): Promise<void> => {
    unlock();
    await temporary?.remove();
  };
  try {
    await awaitPredecessor(home, pidFile, home);
    const cluster = path.join(home, 'cluster');
    if (dataDir !== undefined && !existsSync(cluster)) initialize(cluster);
    const logFrom = logSize(logFile);
    const server = await startGuarded({
      command: process.execPath,
      args: [ENTRY, 'serve', dataDir === undefined ? '' : cluster, String(port)],
      logFile,
      pidFile,
      stopSignal: 'TERM',
      graceSeconds: 10,
    });
    let words = '';
    server.words.on('data', (chunk: Buffer) => {
      words += chunk.toString('utf8');
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      await cleanUp();
    };
    try {
      const ready = await whenReady(
        'PGlite',
        server,
        logFile,
        () => Promise.resolve(words.includes('\n') ? Words.parse(JSON.parse(words)) : undefined),
        timeoutMs,
        logFrom,
      );
      const databaseUrl = `postgresql://postgres@127.0.0.1:${ready.port}/postgres`;
      return { kind: 'pglite', databaseUrl, port: ready.port, pid: server.pid, exited: server.exited, logFile, stop };
    } catch (error) {
      await server.stop();
      if (error instanceof NotReady && /EADDRINUSE/.test(error.log)) throw new PortTaken(port);
      throw error;
    }
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
