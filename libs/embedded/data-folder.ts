/**
 * A data folder belongs to one platform at a time.
 *
 * The lock is a file with the holder's pid and start time, so that the pid of a dead holder that was
 * given to another program is told apart. A holder that was killed leaves the file behind and, for a
 * moment, servers that its guards are just ending: `awaitPredecessor` waits for those.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { processIdentity, runsWith } from './living.process.ts';

const Holder = z.object({ pid: z.int(), identity: z.string(), token: z.string() });
type Holder = z.infer<typeof Holder>;

/** Another living process uses the folder. */
export class FolderInUse extends Error {
  readonly folder: string;
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(
      `data folder ${folder}: used by ${pid === process.pid ? 'this process already' : `process ${pid}`}. ` +
        `Stop that platform first (kill ${pid}), or start this one with another data folder`,
    );
    this.name = 'FolderInUse';
    this.folder = folder;
    this.pid = pid;
  }
}

function code(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function holderOf(file: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Moves a dead holder's file away; puts it back when a living one was quicker in between. */
function takeAway(file: string, dead: Holder | undefined): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (code(error) === 'ENOENT') return;
    throw error;
  }
  if (holderOf(aside)?.token !== dead?.token) {
    try {
      linkSync(aside, file);
    } catch (error) {
      if (code(error) !== 'EEXIST') throw error;
    }
  }
  unlinkSync(aside);
}

/**
 * Takes the folder for this process, creating it if need be. Answers with the function that gives it
 * back. Throws `FolderInUse` when a living process has it.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, '.lock');
  const mine: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '', token: randomUUID() };
  // Written aside and linked, so that the lock appears with its content or not at all.
  const draft = `${file}.${mine.token}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    for (;;) {
      try {
        linkSync(draft, file);
        return () => {
          if (holderOf(file)?.token === mine.token) unlinkSync(file);
        };
      } catch (error) {
        if (code(error) !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder !== undefined && processIdentity(holder.pid) === holder.identity) throw new FolderInUse(folder, holder.pid);
      takeAway(file, holder);
    }
  } finally {
    unlinkSync(draft);
  }
}

/** Like `lockFolder`, but waits for the holder. Throws `FolderInUse` when it still has it after `timeoutMs`. */
export async function lockFolderWaiting(folder: string, timeoutMs: number): Promise<() => void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return lockFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderInUse) || Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/**
 * Waits until the server of a killed predecessor has ended. The pid is the first word of `pidFile`; it
 * counts only while that process was started with `marker` in its command line.
 * Throws `FolderInUse` when it is still there after `timeoutMs`.
 */
export async function awaitPredecessor(folder: string, pidFile: string, marker: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let text = '';
    try {
      text = readFileSync(pidFile, 'utf8');
    } catch (error) {
      if (code(error) === 'ENOENT') return;
      throw error;
    }
    const pid = Number.parseInt(text, 10);
    if (!(pid > 0) || !runsWith(pid, marker)) return;
    if (Date.now() > deadline) throw new FolderInUse(folder, pid);
    await pause(50);
  }
}
