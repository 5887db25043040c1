import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ROOT } from './root.ts';

export interface RoleProcess {
  readonly pid: number;
  /** Settles when it has ended, with the signal or exit code. */
  readonly exited: Promise<string>;
  /** Rejects when it ends before it was ready. */
  readonly ready: Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** A script of the repository as a process of its own, started directly so that it is reaped. Its words go to `logFile`. */
export function startProcess(script: string, env: NodeJS.ProcessEnv, logFile: string): RoleProcess {
  const child = spawn(process.execPath, [script], { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))));
  const atExit = () => void child.kill('SIGKILL');
  process.once('exit', atExit);
  void exited.then(() => process.off('exit', atExit));
  const ready = whenReady(script, child, logFile);
  // Somebody who only waits for its end must not meet an unhandled rejection.
  ready.catch(() => undefined);
  return { pid: child.pid ?? 0, exited, ready, signal: (name) => void child.kill(name) };
}

function whenReady(script: string, child: ChildProcess, logFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${script} ended before it was ready: ${code ?? signal}; see ${logFile}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`);
        if (line.includes('"msg":"ready"')) resolve();
      });
    }
  });
}
