import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { awaitPredecessor } from '@agent-platform/embedded/data-folder';
import { startGuarded } from '@agent-platform/embedded/guarded.process';
import { logSize, logTail } from '@agent-platform/embedded/readiness';
import { ROLE_FLAGS } from '@agent-platform/service/role-flags';
import { WRONG_SETTINGS } from '@agent-platform/service/run-role';
import { keepRunning, type KeepEvents, type Kept, type Living } from './keep-running.ts';
import { readable } from './log.follow.ts';

const APPS = path.resolve(import.meta.dirname, '..');
const GRACE_SECONDS = 15;

/** The roles as processes: all in one (`together`), or each in one of its own. */
const PROGRAMS = {
  together: { roles: path.join(APPS, 'platform', 'roles.process.ts') },
  apart: Object.fromEntries(
    ['model-gateway', 'code-runner', 'commands', 'relay', 'projector', 'executor', 'scheduler', 'gateway'].map((role) => [
      role,
      path.join(APPS, role, 'main.ts'),
    ]),
  ),
} as const;

/** Role processes that are started again when they die. */
export interface RoleProcesses {
  readonly kept: readonly Kept<Living>[];
  /** What they write, by process. */
  readonly logFiles: readonly string[];
  /** What those that have ended said last, or of them those whose settings are wrong; what several said stands there once. */
  lastWords(): readonly string[];
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
  const lastWords = new Map<string, { readonly code: number; readonly text: string }>();
  const start = async (name: string, program: string): Promise<Living> => {
    const file = logFile(dataDir, name);
    const from = logSize(file);
    const life = await startGuarded({
      command: process.execPath,
      args: [...ROLE_FLAGS, '--disable-warning=ExperimentalWarning', program],
      logFile: file,
      pidFile: pidFile(dataDir, name),
      stopSignal: 'TERM',
      graceSeconds: GRACE_SECONDS,
      env,
    });
    // Read before anybody hears of its end: the next life writes to the same file.
    const exited = life.exited.then((code) => {
      lastWords.set(name, { code, text: logTail(file, from).split('\n').map(readable).join('\n') });
      return code;
    });
    return { ...life, exited };
  };
  const kept = await Promise.all(programs.map(([name, program]) => keepRunning(name, () => start(name, program), events)));
  return {
    kept,
    logFiles: programs.map(([name]) => logFile(dataDir, name)),
    lastWords() {
      const all = [...lastWords.values()];
      const refused = all.filter(({ code }) => code === WRONG_SETTINGS);
      return [...new Set((refused.length > 0 ? refused : all).map(({ text }) => text))].filter((text) => text !== '');
    },
    stop: async () => void (await Promise.all(kept.map((one) => one.stop()))),
  };
}

const logFile = (dataDir: string, name: string): string => path.join(dataDir, 'logs', `${name}.log`);
const pidFile = (dataDir: string, name: string): string => path.join(dataDir, 'logs', `${name}.pid`);
