import { lstatSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { GUEST_LIMITS as LIMITS } from './limits.ts';

export type Language = 'javascript' | 'python';
export const LANGUAGES: readonly Language[] = ['javascript', 'python'];

/** The programs that walls are made of; null: not on this machine. */
export interface Walls {
  readonly bwrap: string | null;
  readonly prlimit: string | null;
  readonly setpriv: string | null;
}

/** One way to run a language. */
export interface Tier {
  readonly name: 'bwrap+deno' | 'deno' | 'bwrap+cpython';
  readonly language: Language;
  /** The interpreter. */
  readonly program: string;
  readonly walls: Walls;
  /** Guests get users of their own, one each. Only root can; for root itself the limit of processes does not hold. */
  readonly ownUser: boolean;
  /** Seconds of CPU of one process: the belt behind the deadline, for guests of a killed runner. */
  readonly cpuSeconds: number;
}

const GUEST_PROGRAMS: Readonly<Record<Language, string>> = {
  javascript: path.join(import.meta.dirname, 'javascript.guest.js'),
  python: path.join(import.meta.dirname, 'python.guest.py'),
};

/** First word of the argument that marks the processes of a guest, to look for what is left of it. */
export const MARK = 'agent-platform-guest-';

/** The command that starts a guest. `mark` is its last argument. */
export function commandLine(tier: Tier, mark: string): readonly [string, ...string[]] {
  const { bwrap } = tier.walls;
  if (tier.name === 'deno' || bwrap === null)
    return join([...outside(tier), ...limits(tier), ...interpreter(tier, tier.program, GUEST_PROGRAMS[tier.language]), mark]);
  const program = tier.language === 'javascript' ? '/guest/deno' : tier.program;
  return join([bwrap, ...namespaces(tier, program), ...limits(tier), ...interpreter(tier, program, '/guest/program'), mark]);
}

function join([first = '', ...rest]: readonly string[]): readonly [string, ...string[]] {
  return [first, ...rest];
}

/** Without bubblewrap: the guest ends with the runner, also when that is killed. */
const outside = ({ walls }: Tier): readonly string[] => (walls.setpriv === null ? [] : [walls.setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']);

function limits({ walls, language, cpuSeconds, name, ownUser }: Tier): readonly string[] {
  if (walls.prlimit === null) return [];
  const bytes = language === 'javascript' ? LIMITS.javascriptBytes : LIMITS.pythonBytes;
  return [
    walls.prlimit,
    `--data=${bytes}`,
    `--fsize=${LIMITS.fileBytes}`,
    `--nofile=${LIMITS.openFiles}`,
    `--cpu=${cpuSeconds}`,
    '--core=0',
    // Counted by user: without one of its own, all processes of the runner's user would count.
    ...(ownUser || name !== 'deno' ? [`--nproc=${language === 'javascript' ? LIMITS.javascriptProcesses : LIMITS.pythonProcesses}`] : []),
    '--',
  ];
}

const DENO = [
  'run',
  '--no-prompt',
  '--no-config',
  '--no-lock',
  '--no-remote',
  '--no-npm',
  '--no-code-cache',
  '--deny-import',
  '--v8-flags=--max-old-space-size=512',
];

/** Python: isolated from environment, user and site folders; writes no bytecode; text is UTF-8. */
const PYTHON = ['-I', '-S', '-B', '-X', 'utf8'];

const interpreter = ({ language }: Tier, program: string, guest: string): readonly string[] => [program, ...(language === 'javascript' ? DENO : PYTHON), guest];

/** A root folder that holds the interpreter and nothing of ours; no network, no foreign processes, a scratch folder in memory. */
function namespaces({ language, program, walls }: Tier, inside: string): readonly string[] {
  const prefix = path.dirname(path.dirname(program));
  return [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--die-with-parent',
    '--clearenv',
    '--cap-drop',
    'ALL',
    '--hostname',
    'guest',
    ...systemFolders(language),
    ...(walls.prlimit === null ? [] : bind(walls.prlimit)),
    // Deno does not start without /proc; this one shows the processes of the guest alone.
    ...(language === 'javascript' ? ['--proc', '/proc', '--setenv', 'DENO_DIR', '/nowhere', ...bind(program, inside)] : []),
    // An interpreter outside the system's folders brings its library along.
    ...(language === 'python' && prefix !== '/usr' ? bind(prefix) : []),
    ...bind(GUEST_PROGRAMS[language], '/guest/program'),
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
}

const bind = (file: string, inside: string = file): readonly string[] => ['--ro-bind', file, inside];

function systemFolders(language: Language): readonly string[] {
  const usr = language === 'python' ? ['/usr'] : ['/usr/lib', '/usr/lib64'];
  const links = ['/lib', '/lib64'].flatMap((folder) => (isLink(folder) ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind-try', folder, folder]));
  return [...usr.flatMap((folder) => ['--ro-bind-try', folder, folder]), ...links];
}

const isLink = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
