import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string {
  const { stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return (stdout ?? '').trim();
}

/**
 * What tells a process from a later one with the same pid: when it was started. Undefined when there
 * is no such process, or when it has ended and only its parent has not noticed (a zombie).
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = read(`/proc/${pid}/stat`);
    // The name in brackets may itself hold brackets and spaces; the state is the field after it.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${fields[19] ?? ''}`;
  }
  const state = ps(pid, 'state');
  return state === '' || state.startsWith('Z') ? undefined : ps(pid, 'lstart');
}

/** Whether a living process with this pid was started with `word` in its command line. */
export function runsWith(pid: number, word: string): boolean {
  if (processIdentity(pid) === undefined) return false;
  const command = process.platform === 'linux' ? (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ') : ps(pid, 'command');
  return command.includes(word);
}
