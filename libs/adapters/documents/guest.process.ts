import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Failure } from '@agent-platform/kernel/index';
import { fileFailure } from './file.failure.ts';
import { GuestAnswer, type GuestRequest } from './guest.protocol.ts';

export interface GuestLimits {
  readonly timeMs: number;
  /** Of the processor, in seconds. The kernel counts them, so a guest whose executor was killed ends too. */
  readonly cpuSeconds: number;
  /** Of the heap, in megabytes. */
  readonly heapMb: number;
  /** Of all of the process, in bytes: what parsers unpack does not lie in the heap. Checked where there is a `/proc`. */
  readonly residentBytes: number;
  readonly answerBytes: number;
}

const LOOK_EVERY_MS = 50;
const PAGE_BYTES = 4096;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const GUEST = path('./extract.guest.ts');
/** All that the guest may read: its own code, and the packages. Also where they really lie: folders of packages are often links. */
const READABLE = ['./', '../../kernel/', '../../ports/', '../../../contracts/', '../../../node_modules/', '../../../package.json']
  .map(path)
  .flatMap((each) => [each, realpathSync(each)]);

const tooComplex = (what: string) => fileFailure('file-too-complex', `takes more ${what} to read than allowed`, 'split it, or send its text');

/**
 * One document in a process of its own, killed when it takes too long or too much. Throws Failure as `DocumentsPort.extract` does.
 */
export function runGuest(request: GuestRequest, bytes: Uint8Array, limits: GuestLimits, signal: AbortSignal): Promise<Extract<GuestAnswer, { ok: true }>> {
  return new Promise((resolve, reject) => {
    const args = [`--max-old-space-size=${limits.heapMb}`, '--permission', ...READABLE.map((each) => `--allow-fs-read=${each}`), GUEST];
    // Nothing of our environment: it holds secrets.
    const child = spawn('/bin/sh', ['-c', 'ulimit -t "$0"; exec "$@"', String(limits.cpuSeconds), process.execPath, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { NODE_NO_WARNINGS: '1' },
    });
    let killedFor: Error | undefined;
    const parts: Buffer[] = [];
    let size = 0;
    const kill = (why: Error): void => {
      killedFor ??= why;
      child.kill('SIGKILL');
    };
    const onAbort = (): void => kill(new Failure('transient', 'extract-aborted', 'The extraction was given up.'));
    const deadline = setTimeout(() => kill(tooComplex('time')), limits.timeMs);
    const watch = setInterval(
      () => void tooLarge(child.pid, limits.residentBytes).then((large) => (large ? kill(tooComplex('memory')) : undefined)),
      LOOK_EVERY_MS,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > limits.answerBytes) kill(fileFailure('file-too-complex', 'has more text than allowed', 'split it into several documents'));
      else parts.push(part);
    });
    child.on('error', (cause) => {
      killedFor ??= new Failure('transient', 'extract-unavailable', 'No process could be started to read the document.', { cause });
    });
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(request)}\n`);
    child.stdin.end(bytes);
    child.on('close', (code, by) => {
      clearTimeout(deadline);
      clearInterval(watch);
      signal.removeEventListener('abort', onAbort);
      if (killedFor) return reject(killedFor);
      // V8 aborts where the heap is full; the kernel kills where the machine is.
      if (by === 'SIGABRT' || by === 'SIGKILL' || code === 134) return reject(tooComplex('memory'));
      if (by === 'SIGXCPU') return reject(tooComplex('time'));
      settle(Buffer.concat(parts).toString('utf8'), resolve, reject);
    });
  });
}

function settle(text: string, resolve: (answer: Extract<GuestAnswer, { ok: true }>) => void, reject: (error: Error) => void): void {
  let parsed: GuestAnswer;
  try {
    parsed = GuestAnswer.parse(JSON.parse(text));
  } catch (cause) {
    return reject(fileFailure('file-damaged', 'stopped the program that reads it', 'save it again, or send its text', cause));
  }
  if (parsed.ok) return resolve(parsed);
  const { code, rule, remedy } = parsed;
  return reject(fileFailure(code as Parameters<typeof fileFailure>[0], rule, remedy));
}

async function tooLarge(pid: number | undefined, limit: number): Promise<boolean> {
  if (pid === undefined) return false;
  const pages = await readFile(`/proc/${pid}/statm`, 'utf8').then(
    (text) => Number(text.split(' ')[1]),
    () => 0,
  );
  return pages * PAGE_BYTES > limit;
}
