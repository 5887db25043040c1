import { flushCompileCache } from 'node:module';
import { Failure } from '@agent-platform/kernel/index';
import type { Base, Role } from './base.ts';
import { type Config, readConfig } from './config.ts';

const LONGEST_SHUTDOWN_MS = 25_000;

/** Exit code of a program whose settings are wrong: starting it again changes nothing. EX_CONFIG of sysexits.h. */
export const WRONG_SETTINGS = 78;

/** The whole of a role's main.ts: configuration, start, and an orderly end on SIGTERM or SIGINT. */
export function runRole(open: (config: Config) => Promise<Base>, start: (base: Base) => Promise<Role>): Promise<void> {
  return startOrExit(async () => {
    const base = await open(readConfig());
    const role = await start(base);
    base.logger.info({ role: role.name }, 'ready');
    // Written now rather than at the exit: a process that is killed leaves it for the one that comes after it.
    flushCompileCache();
    onShutdown(async (signal) => {
      base.logger.info({ role: role.name, signal }, 'shutting down');
      await role.close();
      await base.close();
    });
  });
}

/** Starts a program. What keeps it from starting is told on standard error, and ends it with 78 for wrong settings, else with 1. */
export async function startOrExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${error instanceof Failure ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exit(error instanceof Failure && error.kind === 'invalid' ? WRONG_SETTINGS : 1);
  }
}

/** Runs `work` once on the first signal, then exits with 0; with 1 when it takes too long. */
export function onShutdown(work: (signal: NodeJS.Signals) => Promise<void>): void {
  let begun = false;
  const stop = (signal: NodeJS.Signals) => {
    if (begun) return;
    begun = true;
    setTimeout(() => process.exit(1), LONGEST_SHUTDOWN_MS).unref();
    work(signal).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
