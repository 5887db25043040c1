import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIME_LIMIT_MS = 180_000;

/**
 * The bytes behind a URL. `fetch` first; where it fails for reasons that are the machine's (a proxy, a
 * certificate authority that only the system knows), `curl` is tried, which reads the system's settings.
 * Throws with both reasons.
 */
export async function download(url: string): Promise<Buffer> {
  let reason: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    reason = `HTTP ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    reason = cause instanceof Error ? cause.message : String(cause);
  }
  try {
    const args = ['--fail', '--silent', '--show-error', '--location', '--max-time', String(TIME_LIMIT_MS / 1000), url];
    const { stdout } = await run('curl', args, { encoding: 'buffer', maxBuffer: 200_000_000 });
    return stdout;
  } catch (error) {
    const second = error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error);
    throw new Error(`${url} cannot be downloaded: ${reason}; with curl: ${second}`, { cause: error });
  }
}

/** Throws when the bytes are not the promised ones. `sha256` is in hexadecimal. */
export function requireSha256(bytes: Buffer, sha256: string, what: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${what}: its SHA-256 is ${found}, expected ${sha256}; the download was thrown away`);
}

/** Puts a program in its place, executable and whole: nobody ever sees a part of it. */
export async function installProgram(from: string, target: string): Promise<void> {
  const draft = `${target}.${process.pid}.new`;
  try {
    await copyFile(from, draft);
    await chmod(draft, 0o755);
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The content of a small text file, or undefined. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
