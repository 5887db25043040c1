import { readdirSync, readFileSync } from 'node:fs';

const GONE_MS = 2_000;

/** SIGKILL to a whole process group; one that is not there is fine. */
export function killGroup(pid: number): void {
  if (pid === 0) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nothing of it is left, which is what was wanted.
  }
}

/** The kernel takes a moment to bury a group. Throws when something outlives its SIGKILL. */
export async function gone(pid: number): Promise<void> {
  const until = performance.now() + GONE_MS;
  while (isThere(pid)) {
    if (performance.now() > until) throw new Error(`Process group ${pid} of a guest is still there after SIGKILL.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function isThere(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || hasLiving(pid);
}

/** Dead members of a group count for `kill` until init buries them, and the init of many containers never does. */
function hasLiving(group: number): boolean {
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name, in parentheses, may hold anything.
      const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ofGroup) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}
