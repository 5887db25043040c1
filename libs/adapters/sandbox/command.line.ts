import { lstatSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { GUEST_LIMITS as LIMITS } from './limits.ts';
import type { Runtime, Tier } from './tier.ts';

/** The fixed programs that read the guest's text. */
export const GUEST_PROGRAMS: Readonly<Record<Runtime['kind'], string>> = {
  deno: path.join(import.meta.dirname, 'javascript.guest.js'),
  cpython: path.join(import.meta.dirname, 'python.guest.py'),
  pyodide: path.join(import.meta.dirname, 'pyodide.guest.js'),
};

/** Deno without any permission, and without a way to ask for one. */
export const DENO: readonly string[] = ['run', '--no-prompt', '--no-config', '--no-lock', '--no-remote', '--no-npm', '--no-code-cache', '--deny-import'];

/** Deno asks for the folder of its cache before it does anything; there is none. */
export const DENO_ENV = { DENO_DIR: '/dev/null/none', NO_COLOR: '1' };

/** Commas part the paths of a permission. */
export const readOnly = (...files: readonly string[]): string => `--allow-read=${files.map((file) => file.replaceAll(',', ',,')).join(',')}`;

/** Python: isolated from environment, user and site folders; writes no bytecode; text is UTF-8. */
const PYTHON = ['-I', '-S', '-B', '-X', 'utf8'];

/** Where bubblewrap reads the filter of system calls. */
export const FILTER_FD = 3;

/** The command that starts a guest. `mark` is its last argument. */
export function commandLine(tier: Tier, mark: string): readonly [string, ...string[]] {
  const { runtime, walls } = tier;
  if (walls.bwrap === null) return join([...outside(tier), ...limits(tier), ...interpreter(runtime, GUEST_PROGRAMS[runtime.kind]), mark]);
  const [inside, binds] = moved(runtime);
  return join([walls.bwrap, ...namespaces(tier, binds), ...limits(tier), ...interpreter(inside, '/guest/program'), mark]);
}

function join([first = '', ...rest]: readonly string[]): readonly [string, ...string[]] {
  return [first, ...rest];
}

/** Without bubblewrap: the guest ends with the runner, also when that is killed. */
const outside = ({ walls }: Tier): readonly string[] => (walls.setpriv === null ? [] : [walls.setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']);

function limits({ walls, runtime, cpuSeconds, ownUser }: Tier): readonly string[] {
  if (walls.prlimit === null) return [];
  const { bytes, processes } = runtime.kind === 'cpython' ? LIMITS.cpython : LIMITS.deno;
  return [
    walls.prlimit,
    `--data=${bytes}`,
    `--fsize=${LIMITS.fileBytes}`,
    `--nofile=${LIMITS.openFiles}`,
    `--cpu=${cpuSeconds}`,
    '--core=0',
    // Counted by user: without one of its own, all processes of the runner's user would count.
    ...(ownUser || walls.bwrap !== null ? [`--nproc=${processes}`] : []),
    '--',
  ];
}

function interpreter(runtime: Runtime, guest: string): readonly string[] {
  if (runtime.kind === 'cpython') return [runtime.program, ...PYTHON, guest];
  const heap = `--max-old-space-size=${LIMITS.heapMegabytes}`;
  if (runtime.kind === 'deno') return [runtime.program, ...DENO, `--v8-flags=${heap}`, guest];
  const { folder, snapshot } = runtime;
  const flags = `--v8-flags=${heap},--wasm-max-mem-pages=${LIMITS.pyodideBytes / WASM_PAGE}`;
  return [runtime.program, ...DENO, flags, readOnly(folder, snapshot), guest, folder, snapshot];
}

const WASM_PAGE = 65_536;

/** A runtime as it is seen from inside, and what brings it there. */
function moved(runtime: Runtime): readonly [Runtime, readonly string[]] {
  const program = '/guest/deno';
  const deno = bind(runtime.program, program);
  switch (runtime.kind) {
    case 'deno':
      return [{ ...runtime, program }, deno];
    case 'pyodide':
      return [
        { ...runtime, program, folder: '/guest/pyodide', snapshot: '/guest/snapshot' },
        [...deno, ...bind(runtime.folder, '/guest/pyodide'), ...bind(runtime.snapshot, '/guest/snapshot')],
      ];
    case 'cpython': {
      const prefix = path.dirname(path.dirname(runtime.program));
      // An interpreter outside the system's folders brings its library along.
      return [runtime, prefix === '/usr' ? [] : bind(prefix)];
    }
  }
}

/** A root folder that holds the interpreter and nothing of ours; no network, no foreign processes, a scratch folder in memory. */
const namespaces = ({ runtime: { kind }, walls }: Tier, binds: readonly string[]): readonly string[] => [
  '--unshare-all',
  '--unshare-user',
  '--disable-userns',
  '--die-with-parent',
  '--clearenv',
  '--cap-drop',
  'ALL',
  '--hostname',
  'guest',
  ...(walls.filter === null ? [] : ['--seccomp', String(FILTER_FD)]),
  ...systemFolders(kind === 'cpython' ? ['/usr'] : ['/usr/lib', '/usr/lib64']),
  ...(walls.prlimit === null ? [] : bind(walls.prlimit)),
  // Deno does not start without /proc; this one shows the processes of the guest alone.
  ...(kind === 'cpython' ? [] : ['--proc', '/proc', '--setenv', 'DENO_DIR', '/nowhere', '--setenv', 'NO_COLOR', '1']),
  ...binds,
  ...bind(GUEST_PROGRAMS[kind], '/guest/program'),
  '--dev',
  '/dev',
  '--size',
  String(LIMITS.fileBytes),
  '--tmpfs',
  '/tmp',
  '--chdir',
  '/tmp',
  '--',
];

const bind = (file: string, inside: string = file): readonly string[] => ['--ro-bind', file, inside];

function systemFolders(folders: readonly string[]): readonly string[] {
  const links = ['/lib', '/lib64'].flatMap((folder) => (isLink(folder) ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind-try', folder, folder]));
  return [...folders.flatMap((folder) => ['--ro-bind-try', folder, folder]), ...links];
}

const isLink = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
