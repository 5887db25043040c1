/**
 * The whole platform on one machine: Postgres and NATS (embedded, or somebody else's) and the roles.
 *
 * Every part is a process that is started again when it dies, on the port it had, and all end with this process, also
 * when it is killed. Nothing is kept here: the state is in the data folder, and the next start goes on with it.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@agent-platform/embedded/index';
import { WRONG_SETTINGS } from '@agent-platform/service/run-role';
import { bringUpToDate } from './bring-up-to-date.ts';
import { chooseGatewayPort } from './gateway-port.ts';
import type { KeepEvents } from './keep-running.ts';
import { followLogs, heldBack } from './log.follow.ts';
import { untilReady } from './readiness.ts';
import { roleKeyIn } from './role-key.file.ts';
import { awaitFormerRoles, startRoleProcesses } from './role-processes.ts';
import { startServers } from './servers.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GATEWAY_PORT = 8000;
/** Deaths of role processes that end the start of the platform: what keeps them from starting stays. Wrong settings end it at once. */
const FAILED_STARTS = 3;
/** On PGlite a dead executor is noticed by the end of its lease only, so there leases are short. */
const PGLITE_LEASE_SECONDS = '5';

/** How to start. Without anything: everything embedded, in `.data`, the gateway on port 8000. */
export interface PlatformOptions {
  readonly dataDir?: string | undefined;
  readonly postgres?: 'pglite' | 'native' | undefined;
  /** Somebody else's Postgres or NATS. */
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  /** For NATS, when it is free. */
  readonly natsPort?: number | undefined;
  /** Of the gateway; 0 is any. Without it 8000, or the next free one. */
  readonly port?: number | undefined;
  /** Every role in a process of its own. */
  readonly processes?: boolean | undefined;
  /** Over the environment of this process, for the roles. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A line for people: progress, deaths and restarts. */
  readonly tell?: ((line: string) => void) | undefined;
  /** Shows what the roles log. */
  readonly showLog?: ((line: string) => void) | undefined;
}

/** A running platform. */
export interface RunningPlatform {
  readonly url: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly logDir: string;
  /** Pids of everything that was started here, by name. */
  pids(): Readonly<Record<string, number>>;
  /** Ends everything in order: roles, then servers. Later calls wait for the first. */
  close(): Promise<void>;
}

/** Starts everything and resolves when every role answers. Throws an error that says what is wrong and what to do. */
export async function startPlatform(options: PlatformOptions = {}): Promise<RunningPlatform> {
  const { tell = () => undefined } = options;
  const dataDir = path.resolve(ROOT, options.dataDir ?? '.data');
  const postgres = options.postgres ?? 'pglite';
  const goesOn = options.databaseUrl === undefined && existsSync(path.join(dataDir, postgres === 'pglite' ? 'pglite' : 'postgres'));
  mkdirSync(dataDir, { recursive: true });
  let early = 0;
  let refused = false;
  const events: KeepEvents = {
    onEnded: (name, pid, code) => {
      if (code < 128) early += 1;
      refused ||= code === WRONG_SETTINGS;
      if (!refused) tell(`${name} (pid ${pid}) ended with code ${code}; starting it again`);
    },
    onStarted: (name, pid) => refused || tell(`${name} runs again (pid ${pid})`),
    onFailed: (name, error) => tell(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`),
  };
  const servers = await startServers({
    dataDir,
    cacheDir: path.join(ROOT, '.cache'),
    postgres,
    databaseUrl: options.databaseUrl,
    natsUrl: options.natsUrl,
    natsPort: options.natsPort,
    events,
    onProgress: tell,
  });
  const stops: (() => Promise<void> | void)[] = [() => servers.stop()];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    await awaitFormerRoles(dataDir);
    if (goesOn) await bringUpToDate(servers.databaseUrl, tell);
    const port = await chooseGatewayPort(options.port, GATEWAY_PORT);
    if (options.port === undefined && port !== GATEWAY_PORT) tell(`port ${GATEWAY_PORT} is taken by another program: the gateway takes ${port}`);
    const [modelPort, codePort] = await Promise.all([freePort(), freePort()]);
    const embeddedPglite = options.databaseUrl === undefined && postgres === 'pglite';
    const url = `http://127.0.0.1:${port}`;
    const env = {
      ...(embeddedPglite && { AGENT_PLATFORM_LEASE_SECONDS: PGLITE_LEASE_SECONDS }),
      AGENT_PLATFORM_ROLE_KEY: roleKeyIn(dataDir),
      ...process.env,
      ...options.env,
      // PGlite reports fsync=off, which no setting changes: it is for trying out, and says so.
      ...(embeddedPglite && { AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: 'true' }),
      AGENT_PLATFORM_DATABASE_URL: servers.databaseUrl,
      AGENT_PLATFORM_NATS_URL: servers.natsUrl,
      AGENT_PLATFORM_HTTP_HOST: '127.0.0.1',
      AGENT_PLATFORM_HTTP_PORT: String(port),
      AGENT_PLATFORM_MODEL_GATEWAY_PORT: String(modelPort),
      AGENT_PLATFORM_MODEL_GATEWAY_URL: `http://127.0.0.1:${modelPort}`,
      AGENT_PLATFORM_CODE_RUNNER_PORT: String(codePort),
      AGENT_PLATFORM_CODE_RUNNER_URL: `http://127.0.0.1:${codePort}`,
    };
    const roles = await startRoleProcesses({ arrangement: options.processes ? 'apart' : 'together', dataDir, env, events });
    stops.push(() => roles.stop());
    const log = heldBack(options.showLog);
    stops.push(followLogs(roles.logFiles, log.show));
    await untilReady(url, () => {
      if (!refused && early < FAILED_STARTS) return;
      // Told once, here, by however many processes and however often it was said.
      log.drop();
      throw new Error(`The roles don't start.\n${roles.lastWords().join('\n')}`);
    }).finally(() => log.release());
    let closing: Promise<void> | undefined;
    return {
      url,
      natsUrl: servers.natsUrl,
      databaseUrl: servers.databaseUrl,
      dataDir,
      logDir: path.join(dataDir, 'logs'),
      pids: () => Object.fromEntries([...servers.kept, ...roles.kept].map((one) => [one.name, one.current().pid])),
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
