import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findNatsServer, freePort } from '@agent-platform/embedded/index';

/**
 * A real nats-server for tests: own free loopback port, own store folder, ended by its process id.
 * `kill` is SIGKILL (a crash); `start` brings it up again on the same port and store.
 */
export interface TestNatsServer {
  readonly url: string;
  readonly port: number;
  readonly store: string;
  readonly pid: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Ends it (SIGTERM) and keeps the store. */
  stop(): Promise<void>;
  /** Deletes the store folder: call it between `kill` and `start`. */
  wipe(): void;
  /** Ends it and removes the store. */
  close(): Promise<void>;
}

const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));

/** Starts a server with JetStream on files. */
export async function startNatsServer(): Promise<TestNatsServer> {
  const { file: binary } = await findNatsServer({ cacheDir: CACHE });
  const port = await freePort();
  const store = mkdtempSync(join(tmpdir(), 'messaging-nats-'));
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  };
  const server: TestNatsServer = {
    url: `nats://127.0.0.1:${port}`,
    port,
    store,
    get pid() {
      return child?.pid ?? 0;
    },
    async start() {
      const started = spawn(binary, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      const lines = createInterface({ input: started.stderr });
      await new Promise<void>((resolve, reject) => {
        started.once('exit', (code) => reject(new Error(`nats-server ended with code ${code} while starting.`)));
        lines.on('line', (line) => line.includes('Server is ready') && resolve());
      });
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    wipe: () => rmSync(store, { recursive: true, force: true }),
    async close() {
      await end('SIGKILL');
      server.wipe();
    },
  };
  await server.start();
  return server;
}
