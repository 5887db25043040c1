import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ROLE_FLAGS } from '@agent-platform/service/role-flags';

export type RoleName = 'commands' | 'relay' | 'projector' | 'executor' | 'scheduler';

export interface RoleProcess {
  readonly pid: number;
  kill(): Promise<void>;
}

const root = new URL('../../', import.meta.url).pathname;

/** Makes the bundles of these sources, unless they are there. */
export const buildRoles = (): void => void execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: root, stdio: ['ignore', 2, 2] });

/** Starts a role as in production: its bundle in a process of its own; resolves when it says that it is ready. */
export async function startRole(name: RoleName, env: NodeJS.ProcessEnv): Promise<RoleProcess> {
  const child = spawn(process.execPath, [...ROLE_FLAGS, `dist/${name}.js`], {
    cwd: root,
    env: { ...process.env, AGENT_PLATFORM_LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  await ready(name, child);
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function ready(name: string, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`${name} ended before it was ready: ${code ?? signal}`)));
    if (!child.stdout) throw new Error('standard output is a pipe');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve();
      // What a role has to complain about belongs where the harness shows it.
      if (/"level":"(warn|error)"/.test(line)) process.stderr.write(`${name}: ${line}\n`);
    });
  });
}
