import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** What a server that is a process may use. */
const LIMITS = {
  /** Bytes of data segment and private memory of each of its processes: V8 does not start below 1 GiB. */
  memoryBytes: 2 * 1024 ** 3,
  /** Seconds of CPU in all its life; it is started anew when it is asked again. */
  cpuSeconds: 600,
  openFiles: 1024,
  fileBytes: 256 * 1024 ** 2,
};

/**
 * The command line with its limits, as far as the system has the programs for them (util-linux): it ends with us, also
 * when we are killed, gains no rights, and is killed at its limits.
 */
export function limited(command: string, args: readonly string[]): readonly [string, ...string[]] {
  const setpriv = find('setpriv');
  const prlimit = find('prlimit');
  const [first = command, ...rest] = [
    ...(setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']),
    ...(prlimit === null
      ? []
      : [
          prlimit,
          `--data=${LIMITS.memoryBytes}`,
          `--cpu=${LIMITS.cpuSeconds}`,
          `--nofile=${LIMITS.openFiles}`,
          `--fsize=${LIMITS.fileBytes}`,
          '--core=0',
          '--',
        ]),
    command,
    ...args,
  ];
  return [first, ...rest];
}

const found = new Map<string, string | null>();

function find(program: string): string | null {
  const known = found.get(program);
  if (known !== undefined) return known;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, program));
  const file = process.platform === 'linux' ? (folders.find(isExecutable) ?? null) : null;
  found.set(program, file);
  return file;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
