import path from 'node:path';
import { findNatsServer, type RunningNats, type RunningPostgres, startNativePostgres, startNats, startPglite, PortTaken } from '@agent-platform/embedded/index';
import { keepRunning, type KeepEvents, type Kept } from './keep-running.ts';

/** Which servers to start, and where they keep their data. */
export interface ServerOptions {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly postgres: 'pglite' | 'native';
  /** Somebody else's servers: then none is started here. */
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  /** A port to take for NATS when it is free. */
  readonly natsPort?: number | undefined;
  readonly events: KeepEvents;
  readonly onProgress: (line: string) => void;
}

/** Postgres and NATS: ours, started again on the same port when they die, or somebody else's. */
export interface Servers {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** What is kept running here. */
  readonly kept: readonly Kept<RunningPostgres | RunningNats>[];
  stop(): Promise<void>;
}

function keepPostgres({ dataDir, postgres, events }: ServerOptions): Promise<Kept<RunningPostgres>> {
  // Clients reconnect for ever, to the address they know: a new life takes the port of the old one.
  const samePort = (previous: RunningPostgres | null) => (previous ? { port: previous.port } : {});
  return postgres === 'pglite'
    ? keepRunning('PGlite', (previous) => startPglite({ dataDir: path.join(dataDir, 'pglite'), ...samePort(previous) }), events)
    : keepRunning('Postgres', (previous) => startNativePostgres({ dataDir: path.join(dataDir, 'postgres'), ...samePort(previous) }), events);
}

async function keepNats({ dataDir, cacheDir, natsPort, events, onProgress }: ServerOptions): Promise<Kept<RunningNats>> {
  const { file: binary } = await findNatsServer({ cacheDir, onProgress });
  const storeDir = path.join(dataDir, 'nats');
  const start = (port: number | undefined) => startNats({ binary, storeDir, ...(port !== undefined && { port }) });
  const first = () =>
    start(natsPort).catch((error: unknown) => {
      if (error instanceof PortTaken) return start(undefined);
      throw error;
    });
  return keepRunning('nats-server', (previous) => (previous ? start(previous.port) : first()), events);
}

/** Starts what is missing, both at once. When one fails, the other is stopped and the failure thrown. */
export async function startServers(options: ServerOptions): Promise<Servers> {
  const started = await Promise.allSettled([
    options.databaseUrl === undefined ? keepPostgres(options) : null,
    options.natsUrl === undefined ? keepNats(options) : null,
  ]);
  const [postgres, nats] = started.map((one) => (one.status === 'fulfilled' ? one.value : null)) as [Kept<RunningPostgres> | null, Kept<RunningNats> | null];
  const kept = [postgres, nats].filter((one) => one !== null);
  const stop = async (): Promise<void> => void (await Promise.all(kept.map((one) => one.stop())));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    databaseUrl: postgres?.current().databaseUrl ?? options.databaseUrl ?? '',
    natsUrl: nats?.current().natsUrl ?? options.natsUrl ?? '',
    kept,
    stop,
  };
}
