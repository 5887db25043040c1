import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedProcess } from './guarded.process.ts';

/** How long a log is now, in bytes: what a later reader starts from. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of a log file, from `since` bytes on; empty when there is none. */
export function logTail(file: string, since = 0, bytes = 2000): string {
  const size = logSize(file);
  const start = Math.max(Math.min(since, size), size - bytes);
  if (size === start) return '';
  const buffer = Buffer.alloc(size - start);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, buffer, 0, buffer.length, start);
  } finally {
    closeSync(handle);
  }
  return buffer.toString('utf8').trim();
}

/** A server that ended, or did not become ready in time, with the end of its log. */
export class NotReady extends Error {
  readonly log: string;

  constructor(what: string, log: string) {
    super(`${what}${log === '' ? '' : `. Its log ends with:\n  ${log.split('\n').slice(-12).join('\n  ')}`}`);
    this.name = 'NotReady';
    this.log = log;
  }
}

/**
 * Asks `ready` until it answers with something, every 20 ms. Throws `NotReady` when the server ends
 * first or the time is up; an error of `ready` means "not yet" and is named in the end.
 */
export async function whenReady<T>(
  name: string,
  server: GuardedProcess,
  logFile: string,
  ready: () => Promise<T | undefined>,
  timeoutMs: number,
  logFrom = 0,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  const ended = server.exited.then((code) => ({ code }));
  let last = '';
  for (;;) {
    const answer = await Promise.race([
      ended,
      ready().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    ]);
    if ('code' in answer) throw new NotReady(`${name} ended with code ${answer.code}`, logTail(logFile, logFrom));
    if ('value' in answer && answer.value !== undefined) return answer.value;
    if ('error' in answer) last = answer.error instanceof Error ? ` (${answer.error.message})` : '';
    if (Date.now() > deadline) {
      throw new NotReady(`${name} was not ready after ${timeoutMs / 1000} s${last}`, logTail(logFile, logFrom));
    }
    await pause(20);
  }
}
