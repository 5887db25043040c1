/**
 * A server that cannot outlive us.
 *
 * A small shell starts the server and then waits for its end. Its child, a second small shell, reads a
 * pipe that only we hold open. When we close the pipe, or die without a word (SIGKILL, out of memory),
 * the reader asks the server to stop and, after a grace period, kills it. The shells live in a session
 * of their own: a Ctrl-C at the terminal reaches us only, and we stop the servers in our order.
 * Two idle shells cost about one megabyte; POSIX `sh` is the same on Linux and macOS.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';

const LARGEST_KEPT_LOG = 10_000_000;

// Descriptors: 0 our pipe, 3 the server's pid to us, 4 the server's own words to us, 5 a copy of 0
// (a background command of a shell without job control reads from /dev/null otherwise).
const GUARD = `
signal=$1; grace=$2; pidfile=$3; shift 3
exec 5<&0
"$@" </dev/null 3>&- 5<&- &
pid=$!
if [ -n "$pidfile" ]; then echo "$pid" >"$pidfile"; fi
(
  exec 3>&- 4>&-
  while read -r line; do :; done
  kill -"$signal" "$pid" 2>/dev/null
  n=0
  while [ "$n" -lt "$grace" ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$pid" 2>/dev/null
) <&5 >/dev/null 2>&1 &
reader=$!
exec 5<&- 4>&-
echo "$pid" >&3
exec 3>&-
wait "$pid"
code=$?
kill "$reader" 2>/dev/null
if [ -n "$pidfile" ]; then rm -f "$pidfile"; fi
exit "$code"
`;

/** What to start, and how to end it. */
export interface GuardOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Takes the server's standard output and error; started anew when it is above 10 MB. */
  readonly logFile: string;
  /** The polite signal, without SIG: INT is Postgres's fast shutdown. */
  readonly stopSignal: 'TERM' | 'INT';
  /** How long the server may take to stop before it is killed, in seconds. */
  readonly graceSeconds: number;
  /** Where the guard keeps the server's pid while it runs. */
  readonly pidFile?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** A running server and its guard. */
export interface GuardedProcess {
  readonly pid: number;
  /** Settles when the server has ended, with its exit code (128 + n for a signal). Never rejects. */
  readonly exited: Promise<number>;
  /** What the server writes to descriptor 4; nothing for servers that know of no such thing. */
  readonly words: Readable;
  /** Asks the server to stop, kills it after the grace period, and resolves when it has ended. */
  stop(): Promise<void>;
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > LARGEST_KEPT_LOG ? 'w' : 'a');
}

/** Starts a server under a guard. Rejects when the command cannot be started at all. */
export async function startGuarded(options: GuardOptions): Promise<GuardedProcess> {
  const log = openLog(options.logFile);
  const grace = String(Math.round(options.graceSeconds * 10));
  const shell = spawn('sh', ['-c', GUARD, 'guard', options.stopSignal, grace, options.pidFile ?? '', options.command, ...options.args], {
    stdio: ['pipe', log, log, 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  const exited = new Promise<number>((resolve) => {
    shell.once('exit', (code) => resolve(code ?? 137));
    shell.once('error', () => resolve(127));
  });
  // Writing to a guard that is gone must not end us.
  shell.stdin?.on('error', () => undefined);
  const pid = await new Promise<number>((resolve, reject) => {
    let text = '';
    const channel = shell.stdio[3] as Readable;
    channel.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n')) resolve(Number(text));
    });
    shell.once('error', reject);
    void exited.then((code) => reject(new Error(`${options.command} ended with code ${code} before it had started; see ${options.logFile}`)));
  });
  const words = shell.stdio[4] as Readable;
  // A process with nothing else to do may end; the guard then ends the server.
  shell.unref();
  for (const stream of [shell.stdin, words]) (stream as unknown as { unref?: () => void } | null)?.unref?.();
  return {
    pid,
    exited,
    words,
    async stop() {
      shell.ref();
      shell.stdin?.end();
      await exited;
    },
  };
}
