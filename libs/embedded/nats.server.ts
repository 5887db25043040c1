/** A nats-server with JetStream on file storage, guarded, on loopback. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { awaitPredecessor, lockFolder } from './data-folder.ts';
import { startGuarded } from './guarded.process.ts';
import { PortTaken, startOnFreePort } from './loopback.port.ts';
import { NotReady, logSize, whenReady } from './readiness.ts';
import type { RunningNats } from './running.server.ts';

const Info = z.object({ server_name: z.string(), version: z.string(), jetstream: z.boolean().optional() });

/** What `startNats` can be told. */
export interface NatsOptions {
  /** The program: see `findNatsServer`. */
  readonly binary: string;
  /** Configuration, log and JetStream's files are kept here. */
  readonly storeDir: string;
  /** A fixed port on 127.0.0.1; without it a free one. */
  readonly port?: number;
  /**
   * When JetStream calls fsync: "default" is every two minutes, "always" before each acknowledgement.
   * The log in Postgres is the truth and refills JetStream, so the default is enough.
   */
  readonly sync?: 'default' | 'always';
  /** Default 15 s. */
  readonly timeoutMs?: number;
}

/** The INFO line that a NATS server says first; undefined when there is none on this port. */
function infoOf(port: number): Promise<z.infer<typeof Info> | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    const done = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(1000, () => done(() => reject(new Error(`no INFO on port ${port} within 1 s`))));
    socket.once('error', (error) => done(() => reject(error)));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const line = /^INFO (.*)\r\n/.exec(text)?.[1];
      if (line !== undefined) done(() => resolve(Info.safeParse(JSON.parse(line)).data));
    });
  });
}

function configuration(name: string, port: number, home: string, sync: NatsOptions['sync']): string {
  return [
    `server_name: ${name}`,
    `listen: 127.0.0.1:${port}`,
    'max_payload: 1MB',
    `jetstream {`,
    `  store_dir: ${JSON.stringify(path.join(home, 'store'))}`,
    ...(sync === 'always' ? ['  sync_interval: always'] : []),
    '}',
    '',
  ].join('\n');
}

async function startOn(port: number, home: string, options: NatsOptions): Promise<Omit<RunningNats, 'natsUrl'>> {
  const logFile = path.join(home, 'nats-server.log');
  const config = path.join(home, 'nats.conf');
  const name = `embedded-${randomUUID()}`;
  writeFileSync(config, configuration(name, port, home, options.sync));
  const logFrom = logSize(logFile);
  const server = await startGuarded({
    command: options.binary,
    args: ['-c', config],
    logFile,
    pidFile: path.join(home, 'nats-server.pid'),
    stopSignal: 'TERM',
    graceSeconds: 10,
  });
  try {
    const version = await whenReady(
      'nats-server',
      server,
      logFile,
      async () => {
        const info = await infoOf(port);
        // Another program's server on this port: ours is about to say so and end.
        return info?.server_name === name && info.jetstream === true ? info.version : undefined;
      },
      options.timeoutMs ?? 15_000,
      logFrom,
    );
    return { version, port, pid: server.pid, exited: server.exited, logFile, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    if (error instanceof NotReady && /address already in use/i.test(error.log)) throw new PortTaken(port);
    throw error;
  }
}

/**
 * Starts a nats-server and resolves once it greets with JetStream enabled.
 * Throws `FolderInUse`, `PortTaken` (only for a port that was asked for) or `NotReady`.
 */
export async function startNats(options: NatsOptions): Promise<RunningNats> {
  const home = path.resolve(options.storeDir);
  mkdirSync(home, { recursive: true });
  const unlock = lockFolder(home);
  try {
    // Two servers on one store would ruin it, and nats-server itself does not look.
    await awaitPredecessor(home, path.join(home, 'nats-server.pid'), home);
    const server = await startOnFreePort(options.port, (port) => startOn(port, home, options));
    return {
      ...server,
      natsUrl: `nats://127.0.0.1:${server.port}`,
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
