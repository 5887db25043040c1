import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type JSONRPCMessage, type Transport, serializeMessage } from '@modelcontextprotocol/client';
import { limited } from './child.limits.ts';
import { MessageReader } from './message.reader.ts';

/** Of what it logs, the end is kept: it says why a server died. */
const STDERR_CHARACTERS = 2_000;
/** Time to end after its input has ended. */
const GRACE_MS = 500;

/** Groups that live. Whoever ends without closing them must not leave one that ignores the end of its input. */
const groups = new Set<number>();
process.once('exit', () => {
  for (const group of groups) kill(group);
});

/**
 * A server as a child process of its own group, with an empty environment and limits. Its input ends when we do, also
 * when we are killed; `close` kills the whole group, so that nothing it started stays.
 */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #reader = new MessageReader();
  #child: ChildProcessWithoutNullStreams | undefined;
  #stderr = '';
  #fault: string | undefined;

  constructor(command: string, args: readonly string[]) {
    this.#command = command;
    this.#args = args;
  }

  /** Why the process is of no use any more; undefined while it is. */
  get ending(): string | undefined {
    const { exitCode = null, signalCode = null } = this.#child ?? {};
    if (this.#fault === undefined && exitCode === null && signalCode === null) return undefined;
    const how = this.#fault ?? (signalCode === null ? `it ended with code ${exitCode}` : `it was ended by ${signalCode}`);
    return this.#stderr === '' ? how : `${how}; its last words: ${this.#stderr.trim().slice(-500)}`;
  }

  async start(): Promise<void> {
    const [command, ...args] = limited(this.#command, this.#args);
    const child = spawn(command, args, { env: {}, cwd: '/', detached: true, stdio: 'pipe' });
    this.#child = child;
    const group = -(child.pid ?? 0);
    if (group !== 0) groups.add(group);
    // What it leaves behind may hold its pipes, and would be waited for.
    child.once('exit', () => setTimeout(() => bury(group), GRACE_MS).unref());
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS)));
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.once('close', () => this.onclose?.());
    await once(child, 'spawn');
    child.on('error', (error) => this.onerror?.(error));
    // One that is kept for later keeps nobody from ending.
    child.unref();
    // Pipes of a child are sockets, whatever their declared types.
    for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as unknown as Socket).unref();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (!child?.stdin.writable) throw new Error('the server has ended');
    this.#reader.asked();
    if (!child.stdin.write(serializeMessage(message))) await once(child.stdin, 'drain');
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child || child.pid === undefined) return;
    const group = -child.pid;
    if (child.exitCode === null && child.signalCode === null) {
      child.ref();
      const ended = once(child, 'exit');
      child.stdin.end();
      const timer = setTimeout(() => kill(group), GRACE_MS);
      await ended;
      clearTimeout(timer);
    }
    bury(group);
  }

  #read(chunk: Buffer): void {
    try {
      for (const message of this.#reader.read(chunk)) this.onmessage?.(message);
    } catch (error) {
      this.#end(error instanceof Error ? error.message.slice(0, 300) : 'unreadable');
    }
  }

  #end(fault: string): void {
    this.#fault ??= fault;
    this.#child?.stdout.destroy();
    if (this.#child?.pid !== undefined) kill(-this.#child.pid);
  }
}

/** Kills what a server has started and left behind. */
function bury(group: number): void {
  // A group that was buried may be another's by now.
  if (!groups.delete(group)) return;
  kill(group);
}

function kill(group: number): void {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
