import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DENO, DENO_ENV, GUEST_PROGRAMS, readOnly } from './command.line.ts';

const require = createRequire(import.meta.url);
const MAKER = path.join(import.meta.dirname, 'pyodide.snapshot.js');
/** A start of Pyodide on a cold disk and a busy machine. */
const PATIENCE_MS = 120_000;

/** The folder of the npm package, or why there is none, with the remedy. */
export function findPyodide(): { readonly folder: string } | { readonly missing: string } {
  try {
    return { folder: path.dirname(require.resolve('pyodide/package.json')) };
  } catch {
    return { missing: 'The package pyodide is not installed. Install the dependencies: npm ci' };
  }
}

/**
 * The file with the memory of a started Pyodide, which guests start from. Made once for each version of Pyodide and
 * of the guest program, and kept in a folder that nobody else can write to: guests trust what is in it. Throws when it
 * can't be made.
 */
export async function pyodideSnapshot(deno: string, folder: string, signal: AbortSignal, home: string = tmpdir()): Promise<string> {
  const program = GUEST_PROGRAMS.cpython;
  const parts = [path.join(folder, 'package.json'), program, MAKER].map((file) => readFileSync(file));
  const key = createHash('sha256').update(Buffer.concat(parts)).digest('hex').slice(0, 16);
  const file = path.join(ownFolder(home), `pyodide-${key}.memory`);
  if (isOwn(lstatSync(file, { throwIfNoEntry: false }), 'isFile')) return file;
  removeUnfinished(path.dirname(file));
  const part = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await write(part, [deno, ...DENO, readOnly(folder, program), MAKER, folder, program], signal);
    // Another runner may have made it meanwhile: the same, so either may stay.
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  return file;
}

/** What runners left behind that were killed while they wrote. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => /\.memory\.[0-9a-f]{12}$/.test(one))) {
    const file = path.join(folder, name);
    if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > PATIENCE_MS) rmSync(file, { force: true });
  }
}

/** Others may read it: guests have users of their own. */
function ownFolder(home: string): string {
  const folder = path.join(home, `agent-platform-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (!isOwn(lstatSync(folder), 'isDirectory')) {
    throw new Error(`${folder} must be a folder of this user that others can't write to: guests start from what is in it. Remove it.`);
  }
  return folder;
}

const OTHERS_WRITE = 0o022;
const isOwn = (stats: Stats | undefined, kind: 'isFile' | 'isDirectory'): boolean =>
  stats !== undefined && stats[kind]() && (process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & OTHERS_WRITE) === 0));

/** Runs a command of ours with its output in a new file. */
async function write(file: string, [command = '', ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const output = openSync(file, 'wx', 0o644);
  try {
    const child = spawn(command, args, { env: DENO_ENV, stdio: ['ignore', output, 'pipe'], signal, timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
    let said = '';
    child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`Pyodide does not start in Deno (exit code ${code}): ${said.slice(0, 500)}`);
  } finally {
    closeSync(output);
  }
}
