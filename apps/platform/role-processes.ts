import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { awaitPredecessor } from '@agent-platform/embedded/data-folder';
import { startGuarded } from '@agent-platform/embedded/guarded.process';
import { keepRunning, type KeepEvents, type Kept, type Living } from './keep-running.ts';

const APPS = path.resolve(import.meta.dirname, '..');
const GRACE_SECONDS = 15;

/** The roles as processes: all in one (`together`), or each in one of its own. */
const PROGRAMS = {
  together: { roles: path.join(APPS, 'platform', 'roles.process.ts') },
  apart: Object.fromEntries(
    ['model-gateway', 'commands', 'relay', 'projector', 'executor', 'scheduler', 'gateway'].map((role) => [role, path.join(APPS, role, 'main.ts')]),
  ),
} as const;

/** Role processes that are started again when they die. */
export interface RoleProcesses {
  readonly kept: readonly Kept<Living>[];
  /** What they write, by process. */
  readonly logFiles: readonly string[];
  stop(): Promise<void>;
}

export interface RoleProcessOptions {
  readonly arrangement: keyof typeof PROGRAMS;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly events: KeepEvents;
}

/** Waits for role processes of a killed platform on the same folder, which are just ending: they hold its ports. */
export async function awaitFormerRoles(dataDir: string): Promise<void> {
  for (const programs of Object.values(PROGRAMS)) {
    for (const [name, program] of Object.entries(programs)) await awaitPredecessor(dataDir, pidFile(dataDir, name), program);
  }
}

/** Starts the roles. They end with us, also when we are killed, and are given time to finish what is in hand. */
export async function startRoleProcesses({ arrangement, dataDir, env, events }: RoleProcessOptions): Promise<RoleProcesses> {
  const programs = Object.entries(PROGRAMS[arrangement]);
  mkdirSync(path.dirname(logFile(dataDir, '')), { recursive: true });
  const kept = await Promise.all(
    programs.map(([name, program]) =>
      keepRunning<Living>(
        name,
        () =>
          startGuarded({
            command: process.execPath,
            args: ['--disable-warning=ExperimentalWarning', program],
            logFile: logFile(dataDir, name),
            pidFile: pidFile(dataDir, name),
            stopSignal: 'TERM',
            graceSeconds: GRACE_SECONDS,
            env,
          }),
        events,
      ),
    ),
  );
  return {
    kept,
    logFiles: programs.map(([name]) => logFile(dataDir, name)),
    stop: async () => void (await Promise.all(kept.map((one) => one.stop()))),
  };
}

const logFile = (dataDir: string, name: string): string => path.join(dataDir, 'logs', `${name}.log`);
const pidFile = (dataDir: string, name: string): string => path.join(dataDir, 'logs', `${name}.pid`);
