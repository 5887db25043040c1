/** Where a nats-server comes from: named, installed, cached, or fetched once into the cache. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { lockFolderWaiting } from './data-folder.ts';
import { fetchDebianNats } from './nats.debian.ts';
import { RELEASE_VERSION, fetchReleasedNats, releaseUrl } from './nats.release.ts';

const run = promisify(execFile);

/** Older servers accept message TTL, schedules and atomic batches and silently do nothing about them. */
const OLDEST_NATS = '2.12.0';

/** A usable nats-server. */
export interface NatsBinary {
  readonly file: string;
  /** Such as "2.15.1". */
  readonly version: string;
  readonly source: 'NATS_SERVER' | 'PATH' | 'cache' | 'debian' | 'release';
}

/** What `findNatsServer` can be told. */
export interface FindNatsOptions {
  /** The project's cache folder, such as `.cache`; the binary is kept in its `nats-server/`. */
  readonly cacheDir: string;
  /** Default `process.env`: NATS_SERVER and PATH are read. */
  readonly env?: NodeJS.ProcessEnv;
  /** Hears one line before a download begins. */
  readonly onProgress?: (line: string) => void;
}

function atLeast(version: string, oldest: string): boolean {
  return version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}

/** The version a nats-server reports; undefined when the file is none, or can't run here. */
async function natsVersion(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    const { stdout } = await run(file, ['--version'], { timeout: 20_000 });
    return /nats-server: v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    // Missing, not executable, or built for another machine: all the same to the caller.
    return undefined;
  }
}

async function named(file: string): Promise<NatsBinary> {
  const version = await natsVersion(file);
  if (version === undefined) throw new Error(`NATS_SERVER=${file}: not a nats-server that runs here. Point it to one, or unset it`);
  if (!atLeast(version, OLDEST_NATS)) {
    throw new Error(`NATS_SERVER=${file}: version ${version} is older than ${OLDEST_NATS}, which is needed. Point it to a newer one, or unset it`);
  }
  return { file, version, source: 'NATS_SERVER' };
}

async function usable(file: string, source: NatsBinary['source']): Promise<NatsBinary | undefined> {
  const version = await natsVersion(file);
  return version !== undefined && atLeast(version, OLDEST_NATS) ? { file, version, source } : undefined;
}

async function fetched(target: string, onProgress: (line: string) => void): Promise<NatsBinary> {
  const failures: string[] = [];
  for (const [source, fetchInto] of [
    ['debian', fetchDebianNats],
    ['release', fetchReleasedNats],
  ] as const) {
    try {
      await fetchInto(target, onProgress);
      const found = await usable(target, source);
      if (found !== undefined) return found;
      failures.push(`${source}: the fetched program does not run here or is older than ${OLDEST_NATS}`);
    } catch (error) {
      failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `nats-server ${OLDEST_NATS} or later was not found and could not be fetched.\n  ${failures.join('\n  ')}\n` +
      `Remedy: install it (macOS: brew install nats-server), or download ${releaseUrl()} (version ${RELEASE_VERSION}), ` +
      `unpack it and set NATS_SERVER=/path/to/nats-server; or set AGENT_PLATFORM_NATS_URL to a server that runs already`,
  );
}

/**
 * Finds a nats-server of version 2.12 or later: $NATS_SERVER, `nats-server` on PATH, the cache, else it is
 * fetched into the cache (Debian's package, or the official release; both by SHA-256). Several processes
 * may ask at once: one fetches. Throws with the remedy when there is none.
 */
export async function findNatsServer(options: FindNatsOptions): Promise<NatsBinary> {
  const env = options.env ?? process.env;
  if (env['NATS_SERVER'] !== undefined && env['NATS_SERVER'] !== '') return named(env['NATS_SERVER']);
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const found = folder === '' ? undefined : await usable(path.join(folder, 'nats-server'), 'PATH');
    if (found !== undefined) return found;
  }
  const home = path.resolve(options.cacheDir, 'nats-server');
  const target = path.join(home, 'nats-server');
  const cached = await usable(target, 'cache');
  if (cached !== undefined) return cached;
  await mkdir(home, { recursive: true });
  const unlock = await lockFolderWaiting(home, 300_000);
  try {
    return (await usable(target, 'cache')) ?? (await fetched(target, options.onProgress ?? (() => undefined)));
  } finally {
    unlock();
  }
}
