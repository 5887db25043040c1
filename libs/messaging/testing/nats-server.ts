import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isSupportedServer } from '../server-version.ts';

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

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Path of a nats-server of a supported version: $NATS_SERVER, then PATH, then the checkout's tool folder. */
export function findNatsServer(): string {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server'));
  const cached = globSync('.cache/nats-server*/**/nats-server', { cwd: ROOT }).map((path) => join(ROOT, path));
  for (const path of [process.env['NATS_SERVER'], ...onPath, ...cached]) {
    if (path && existsSync(path) && isSupportedServer(execFileSync(path, ['--version'], { encoding: 'utf8' }).replace(/^.*v/s, ''))) {
      return path;
    }
  }
  throw new Error('No nats-server 2.12 or newer found. Set NATS_SERVER to one, or put it on PATH.');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      if (typeof address !== 'object' || address === null) return reject(new Error('The probe socket has no port.'));
      probe.close(() => resolve(address.port));
    });
  });
}

/** Starts a server with JetStream on files. */
export async function startNatsServer(): Promise<TestNatsServer> {
  const binary = findNatsServer();
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
