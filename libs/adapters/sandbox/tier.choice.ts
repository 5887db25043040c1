import { probe } from './probe.ts';
import { findDeno, findProgram } from './programs.ts';
import { findPyodide, pyodideSnapshot } from './pyodide.ts';
import { syscallFilter } from './syscall.filter.ts';
import type { Runtime, Tier, Walls } from './tier.ts';

/** `passedOver`: why stronger tiers are not used; null when there are none. */
export type Choice = { readonly tier: Tier; readonly passedOver: string | null } | { readonly unavailable: string };

interface ChoiceOptions {
  readonly pythonBin: string;
  readonly bwrapBin: string;
  readonly maxTimeoutMs: number;
  /** Ends the search: whoever aborts uses no choice. */
  readonly signal: AbortSignal;
}

/** The strongest tier for JavaScript whose canaries all failed to get out. Never throws. */
export async function chooseJavascript(options: ChoiceOptions): Promise<Choice> {
  const deno = findDeno();
  if ('missing' in deno) return { unavailable: deno.missing };
  return firstOf(tiersOf({ kind: 'deno', program: deno.file }, options), withoutBwrap(options), options);
}

/** The same for Python: CPython, which never runs without bubblewrap around it; else Pyodide inside Deno. */
export async function choosePython(options: ChoiceOptions): Promise<Choice> {
  const pythons = findPythons(options.pythonBin);
  // Somebody asked for that very interpreter: another Python in its place would be a surprise.
  if (pythons.length === 0 && options.pythonBin !== ANY_PYTHON) {
    return { unavailable: `AGENT_PLATFORM_PYTHON_BIN is "${options.pythonBin}", and no program is there. Correct it, or leave it empty.` };
  }
  const problems = [...withoutBwrap(options), ...(pythons.length === 0 ? ['there is no Python 3 on PATH'] : [])];
  const cpython = pythons
    .flatMap((program) => tiersOf({ kind: 'cpython', program }, options))
    .filter(({ walls }) => walls.bwrap !== null)
    // A Python that guests can run as users of their own is worth more than the first on PATH.
    .toSorted((a, b) => Number(b.ownUser) - Number(a.ownUser));
  const native = await firstOf(cpython, problems, options);
  if ('tier' in native) return native;
  const pyodide = await openPyodide(options);
  if ('missing' in pyodide) return { unavailable: `${native.unavailable} And Pyodide: ${pyodide.missing}` };
  return firstOf(tiersOf(pyodide, options), [native.unavailable], options);
}

async function openPyodide({ signal }: ChoiceOptions): Promise<Runtime | { readonly missing: string }> {
  const deno = findDeno();
  if ('missing' in deno) return deno;
  const pyodide = findPyodide();
  if ('missing' in pyodide) return pyodide;
  try {
    return { kind: 'pyodide', program: deno.file, folder: pyodide.folder, snapshot: await pyodideSnapshot(deno.file, pyodide.folder, signal) };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

/** The default of AGENT_PLATFORM_PYTHON_BIN. */
const ANY_PYTHON = 'python';

/** The one that was asked for; if nobody asked, also Debian's name for it, and the system's own. */
function findPythons(name: string): readonly string[] {
  const names = name === ANY_PYTHON ? ['python', 'python3', '/usr/bin/python3'] : [name];
  return [...new Set(names.flatMap((one) => findProgram(one) ?? []))];
}

const withoutBwrap = ({ bwrapBin }: ChoiceOptions): readonly string[] =>
  findProgram(bwrapBin) === null ? [`bubblewrap ("${bwrapBin}") is not there. Install the package bubblewrap, or set AGENT_PLATFORM_BWRAP_BIN.`] : [];

/** The ways to run something, strongest first. Root can give guests users of their own; where such a user can't read the runtime, there is root. */
function tiersOf(runtime: Runtime, { bwrapBin, maxTimeoutMs }: ChoiceOptions): readonly Tier[] {
  const walls: Walls = { bwrap: findProgram(bwrapBin), filter: syscallFilter(), prlimit: findProgram('prlimit'), setpriv: findProgram('setpriv') };
  // Twice the longest run: guests have several threads, and the deadline comes first.
  const cpuSeconds = Math.ceil((maxTimeoutMs / 1000) * 2) + 5;
  const users = process.getuid?.() === 0 ? [true, false] : [false];
  const around = walls.bwrap === null ? [walls] : [walls, { ...walls, bwrap: null }];
  return around.flatMap((some) => users.map((ownUser) => ({ name: nameOf(runtime, some), runtime, walls: some, ownUser, cpuSeconds })));
}

function nameOf({ kind }: Runtime, { bwrap }: Walls): Tier['name'] {
  // There is no CPython without bubblewrap.
  if (kind === 'cpython') return 'bwrap+cpython';
  return bwrap === null ? kind : `bwrap+${kind}`;
}

async function firstOf(tiers: readonly Tier[], known: readonly string[], { signal }: ChoiceOptions): Promise<Choice> {
  const problems = new Map(known.map((text) => [text, '']));
  for (const tier of tiers) {
    if (signal.aborted) break;
    const problem = await probe(tier, signal);
    if (problem === null) {
      const stronger = [...problems].flatMap(([text, name]) => (name === tier.name ? [] : [text]));
      return { tier, passedOver: stronger.length === 0 ? null : stronger.join(' ') };
    }
    problems.set(`${tier.name}${tier.ownUser ? ' with users of its own' : ''}: ${problem.trim()}${problem.trim().endsWith('.') ? '' : '.'}`, tier.name);
  }
  return { unavailable: [...problems.keys()].join(' ') };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
