/** Postgres and NATS in one call: started here, or somebody else's where a URL says so. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { lockFolder } from './data-folder.ts';
import { findNatsServer } from './nats.binary.ts';
import { startNats } from './nats.server.ts';
import { startPglite } from './pglite.server.ts';
import { startNativePostgres } from './postgres.server.ts';
import type { RunningServer } from './running.server.ts';

/** What `startInfrastructure` can be told. */
export interface InfrastructureOptions {
  /** Postgres's files go to `<dataDir>/pglite` or `<dataDir>/postgres`, JetStream's to `<dataDir>/nats`. */
  readonly dataDir: string;
  /** Where a fetched nats-server is kept. */
  readonly cacheDir: string;
  readonly postgres: 'pglite' | 'native' | 'external';
  /** With `external`: the server to use. */
  readonly databaseUrl?: string;
  /** A NATS server that runs already; without it one is started. */
  readonly natsUrl?: string;
  /** Fixed ports on 127.0.0.1; without them free ones. */
  readonly postgresPort?: number;
  readonly natsPort?: number;
  /** Settings for a native Postgres. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Hears a line before something slow (a download, a first start). */
  readonly onProgress?: (line: string) => void;
}

/** Running infrastructure. */
export interface Infrastructure {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** The servers that were started here. */
  readonly servers: { readonly postgres?: RunningServer; readonly nats?: RunningServer };
  /** One line for people, without secrets. */
  readonly describe: string;
  /** Resolves with its name when a server started here ends unasked. Never rejects. */
  readonly lost: Promise<'postgres' | 'nats'>;
  /** Stops what was started here. Call it once; later calls wait for the first. */
  stop(): Promise<void>;
}

function postgresOf(options: InfrastructureOptions) {
  const port = options.postgresPort === undefined ? {} : { port: options.postgresPort };
  if (options.postgres === 'pglite') return startPglite({ dataDir: path.join(options.dataDir, 'pglite'), ...port });
  const settings = options.settings === undefined ? {} : { settings: options.settings };
  return startNativePostgres({ dataDir: path.join(options.dataDir, 'postgres'), ...port, ...settings });
}

async function natsOf(options: InfrastructureOptions) {
  const found = await findNatsServer({
    cacheDir: options.cacheDir,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const port = options.natsPort === undefined ? {} : { port: options.natsPort };
  return startNats({ binary: found.file, storeDir: path.join(options.dataDir, 'nats'), ...port });
}

const hostOf = (url: string): string => new URL(url).host;

/**
 * Starts what is missing, both at once, and resolves when both answer; when one fails, the other is
 * stopped and the failure thrown (`FolderInUse`, `PortTaken`, `NotReady`, or no nats-server to be had).
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  if (options.postgres === 'external' && options.databaseUrl === undefined) {
    throw new Error('databaseUrl: needed when postgres is "external". Set AGENT_PLATFORM_DATABASE_URL, or choose "pglite" or "native"');
  }
  mkdirSync(options.dataDir, { recursive: true });
  const unlock = lockFolder(path.resolve(options.dataDir));
  const [postgres, nats] = await Promise.allSettled([
    options.postgres === 'external' ? undefined : postgresOf(options),
    options.natsUrl === undefined ? natsOf(options) : undefined,
  ]);
  const started = [postgres, nats].flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
    unlock();
  };
  if (postgres.status === 'rejected' || nats.status === 'rejected') {
    await stopAll();
    throw postgres.status === 'rejected' ? postgres.reason : nats.status === 'rejected' ? nats.reason : undefined;
  }
  const databaseUrl = postgres.value?.databaseUrl ?? options.databaseUrl ?? '';
  const natsUrl = nats.value?.natsUrl ?? options.natsUrl ?? '';
  let stopping: Promise<void> | undefined;
  const lost = new Promise<'postgres' | 'nats'>((resolve) => {
    const watch = (name: 'postgres' | 'nats', server: RunningServer | undefined): void => {
      void server?.exited.then(() => stopping === undefined && resolve(name));
    };
    watch('postgres', postgres.value);
    watch('nats', nats.value);
  });
  return {
    databaseUrl,
    natsUrl,
    servers: {
      ...(postgres.value === undefined ? {} : { postgres: postgres.value }),
      ...(nats.value === undefined ? {} : { nats: nats.value }),
    },
    describe:
      `Postgres ${postgres.value === undefined ? 'external' : `${postgres.value.kind}, pid ${postgres.value.pid}`} at ${hostOf(databaseUrl)}; ` +
      `NATS ${nats.value === undefined ? 'external' : `${nats.value.version}, pid ${nats.value.pid}`} at ${hostOf(natsUrl)}`,
    lost,
    stop: () => (stopping ??= stopAll()),
  };
}
