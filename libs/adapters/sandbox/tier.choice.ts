import { probe } from './probe.ts';
import { findDeno, findProgram } from './programs.ts';
import type { SandboxOptions } from './sandbox.ts';
import type { Language, Tier, Walls } from './tier.ts';

export type Choice = { readonly tier: Tier } | { readonly unavailable: string };

/** For each language the strongest tier whose canaries all failed to get out. Never throws. */
export async function chooseTiers(options: SandboxOptions): Promise<Readonly<Record<Language, Choice>>> {
  const walls: Walls = { bwrap: findProgram(options.bwrapBin), prlimit: findProgram('prlimit'), setpriv: findProgram('setpriv') };
  // Twice the longest run: guests have several threads, and the deadline comes first.
  const cpuSeconds = Math.ceil((options.maxTimeoutMs / 1000) * 2) + 5;
  const [javascript, python] = await Promise.all([chooseJavascript(walls, cpuSeconds), choosePython(options, walls, cpuSeconds)]);
  return { javascript, python };
}

async function chooseJavascript(walls: Walls, cpuSeconds: number): Promise<Choice> {
  const deno = findDeno();
  if ('missing' in deno) return { unavailable: deno.missing };
  const tier = { language: 'javascript', program: deno.file, walls, cpuSeconds } as const;
  return firstOf([...(walls.bwrap === null ? [] : byUser({ ...tier, name: 'bwrap+deno' })), ...byUser({ ...tier, name: 'deno' })]);
}

async function choosePython({ pythonBin, bwrapBin }: SandboxOptions, walls: Walls, cpuSeconds: number): Promise<Choice> {
  if (walls.bwrap === null) {
    return {
      unavailable: `bubblewrap ("${bwrapBin}") is not there, and Python is never run without it. Install the package bubblewrap, or set AGENT_PLATFORM_BWRAP_BIN.`,
    };
  }
  const programs = findPythons(pythonBin);
  if (programs.length === 0) return { unavailable: `"${pythonBin}" is no program on PATH. Install Python 3, or set AGENT_PLATFORM_PYTHON_BIN to its path.` };
  const tiers = programs.flatMap((program) => byUser({ name: 'bwrap+cpython', language: 'python', program, walls, cpuSeconds }));
  // A Python that guests can run as users of their own is worth more than the first on PATH.
  return firstOf(tiers.toSorted((a, b) => Number(b.ownUser) - Number(a.ownUser)));
}

/** The one that was asked for; if nobody asked, also Debian's name for it, and the system's own. */
function findPythons(name: string): readonly string[] {
  const names = name === 'python' ? ['python', 'python3', '/usr/bin/python3'] : [name];
  return [...new Set(names.flatMap((one) => findProgram(one) ?? []))];
}

/** Root can give guests users of their own; where such a user can't read the interpreter, there is the runner's own. */
const byUser = (tier: Omit<Tier, 'ownUser'>): readonly Tier[] => [
  ...(process.getuid?.() === 0 ? [{ ...tier, ownUser: true }] : []),
  { ...tier, ownUser: false },
];

async function firstOf(tiers: readonly Tier[]): Promise<Choice> {
  const problems: string[] = [];
  for (const tier of tiers) {
    const problem = await probe(tier);
    if (problem === null) return { tier };
    problems.push(`${tier.name}${tier.ownUser ? ' with users of its own' : ''}: ${problem}.`);
  }
  return { unavailable: problems.join(' ') };
}
