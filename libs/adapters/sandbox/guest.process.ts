import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type Readable, Writable } from 'node:stream';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { commandLine, DENO_ENV, FILTER_FD } from './command.line.ts';
import { GUEST_LIMITS } from './limits.ts';
import { gone, killGroup } from './process.group.ts';
import { MARK, type Tier } from './tier.ts';

/** What a guest is told. */
export interface GuestTask {
  readonly code: string;
  readonly input_json: JsonValue;
}

/** How a guest ended, before anybody says what that means. */
export interface GuestEnd {
  /** `exited`: by itself; else why it was killed. */
  readonly why: 'exited' | 'deadline' | 'output' | 'aborted';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without the frame. */
  readonly stderr: string;
  /** Content of the frame with the result; null when there was none. */
  readonly frame: string | null;
  /** From the hand-over of the task to the end of all processes. */
  readonly ms: number;
}

/** A process for one execution. It waits for its task, runs it, and is gone. */
export interface Guest {
  readonly pid: number;
  /** Resolves when it waits for its task; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly alive: () => boolean;
  /** The time limit begins when it is ready: its start is not the doing of its code. Throws Failure('transient', 'code-start-failed'). */
  run(task: GuestTask, timeoutMs: number, signal: AbortSignal): Promise<GuestEnd>;
  /** Kills its whole group. Resolves when nothing of it is left; throws when something is. */
  kill(): Promise<void>;
}

/** Users of guests, one each: more than are ever alive at once. */
const FIRST_USER = 61_000;
const USERS = 512;
let started = 0;

const READY = 'ready\n';

/** Patience with a start: Pyodide on a busy machine. */
const START_MS = 20_000;

/** Starts a guest that waits for its task. Throws when the command can't be started. */
export function startGuest(tier: Tier): Guest {
  const [command, ...args] = commandLine(tier, `${MARK}${randomBytes(8).toString('hex')}`);
  const { bwrap, filter: program } = tier.walls;
  const filter = bwrap === null ? null : program;
  const user = FIRST_USER + (started++ % USERS);
  const child = spawn(command, args, {
    env: DENO_ENV,
    cwd: tmpdir(),
    // A session and a group of its own: what it starts is killed with it.
    detached: true,
    // The last one is FILTER_FD.
    stdio: ['pipe', 'pipe', 'pipe', filter === null ? 'ignore' : 'pipe'],
    ...(tier.ownUser && { uid: user, gid: user }),
    // The first three are pipes.
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
  const door = child.stdio[FILTER_FD];
  if (filter !== null && door instanceof Writable) door.on('error', () => undefined).end(filter);
  const stdout = collect(child.stdout, GUEST_LIMITS.outputBytes);
  const stderr = collect(child.stderr, GUEST_LIMITS.outputBytes * 3);
  let ended = false;
  const end = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', (error) => ((ended = true), reject(error)));
    child.once('exit', () => (ended = true));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  // Whoever asks for the end or for the readiness hears of it; nobody has to.
  end.catch(() => undefined);
  // A guest that ends without reading its task breaks the pipe.
  child.stdin.on('error', () => undefined);
  const early = end.then(() => Promise.reject(new Error(`The guest ended before it was ready: ${stderr.text().slice(0, 500)}`)));
  // What says something else is a runtime that did not get that far, and is about to end.
  const ready = Promise.race([early, stderr.until(READY.length).then(() => (stderr.text().startsWith(READY) ? undefined : early))]);
  const pid = child.pid ?? 0;
  const slow = setTimeout(() => killGroup(pid), START_MS);
  void ready.catch(() => undefined).finally(() => clearTimeout(slow));

  const kill = async (): Promise<void> => {
    killGroup(pid);
    await end.catch(() => undefined);
    await gone(pid);
  };

  return {
    pid,
    ready,
    alive: () => !ended,
    kill,
    async run({ code, input_json }, timeoutMs, signal) {
      let why: GuestEnd['why'] = 'exited';
      const stop = (reason: GuestEnd['why']) => () => {
        if (why === 'exited' && !ended) why = reason;
        killGroup(pid);
      };
      const aborted = stop('aborted');
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      let timer: NodeJS.Timeout | undefined;
      try {
        await ready.catch((cause: unknown) => {
          // Its end below says why.
          if (why !== 'aborted') throw notStarted(cause);
        });
        const began = performance.now();
        timer = setTimeout(stop('deadline'), timeoutMs);
        stdout.onFull = stderr.onFull = stop('output');
        const tag = randomBytes(16).toString('hex');
        hand(child, { tag, code, input_json, max_chars: GUEST_LIMITS.outputBytes });
        const { code: exitCode, signal: exitSignal } = await end;
        await kill();
        const { frame, rest } = split(stderr.bytes().subarray(READY.length), tag);
        return { why, exitCode, signal: exitSignal, stdout: stdout.text(), stderr: rest, frame, ms: performance.now() - began };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
      }
    },
  };
}

const notStarted = (cause: unknown): Failure =>
  new Failure('transient', 'code-start-failed', `The sandbox did not start. ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    retryAfterSeconds: 1,
  });

function hand(child: ChildProcess, task: object): void {
  const body = Buffer.from(JSON.stringify(task));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  child.stdin?.end(Buffer.concat([size, body]));
}

interface Collected {
  onFull: () => void;
  bytes(): Buffer;
  text(): string;
  /** Resolves when so many bytes are there. */
  until(count: number): Promise<void>;
}

/** Keeps what a guest writes, up to a limit; calls `onFull` beyond it, and drops the rest. */
function collect(stream: Readable, limit: number): Collected {
  const parts: Buffer[] = [];
  let size = 0;
  let wake: (() => void) | undefined;
  let wanted = Infinity;
  const collected: Collected = {
    onFull: () => undefined,
    bytes: () => Buffer.concat(parts),
    text: () => Buffer.concat(parts).toString('utf8'),
    until: (count) =>
      new Promise((resolve) => {
        wanted = count;
        wake = resolve;
      }),
  };
  stream.on('data', (part: Buffer) => {
    if (size + part.length > limit) {
      parts.push(part.subarray(0, limit - size));
      size = limit;
      collected.onFull();
      return;
    }
    parts.push(part);
    size += part.length;
    if (size >= wanted) wake?.();
  });
  // A pipe that breaks ends; the end of the process says the rest.
  stream.on('error', () => undefined);
  return collected;
}

/** Takes the frame `<newline><tag> <bytes><newline><json>` out of stderr. Only who knows the tag can write one. */
function split(stderr: Buffer, tag: string): { readonly frame: string | null; readonly rest: string } {
  const at = stderr.indexOf(`\n${tag} `);
  const head = at === -1 ? '' : stderr.toString('latin1', at, at + 64);
  const [whole = '', size] = /^\n[0-9a-f]+ (\d{1,8})\n/.exec(head) ?? [];
  const from = at + whole.length;
  if (size === undefined || stderr.length < from + Number(size)) return { frame: null, rest: stderr.toString('utf8') };
  return { frame: stderr.toString('utf8', from, from + Number(size)), rest: stderr.toString('utf8', 0, at) };
}
