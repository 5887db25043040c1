import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { type JSONRPCMessage, type Transport, ReadBuffer, serializeMessage } from '@modelcontextprotocol/client';

/** What a server may write before an answer is complete. */
const BUFFER_BYTES = 4_000_000;
/** Time to end after its input has ended. */
const GRACE_MS = 500;

/**
 * A server as a child process of its own group, with an empty environment. Its input ends when we do, also when we are
 * killed; `close` kills the whole group, so that nothing it started stays.
 */
export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #buffer = new ReadBuffer({ maxBufferSize: BUFFER_BYTES });
  #child: ChildProcessWithoutNullStreams | undefined;

  constructor(command: string, args: readonly string[]) {
    this.#command = command;
    this.#args = args;
  }

  async start(): Promise<void> {
    const child = spawn(this.#command, [...this.#args], { env: {}, cwd: '/', detached: true, stdio: 'pipe' });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    // What it logs is nobody's business here, and must not fill a pipe.
    child.stderr.resume();
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.once('close', () => this.onclose?.());
    await once(child, 'spawn');
    child.on('error', (error) => this.onerror?.(error));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (!child?.stdin.writable) throw new Error('the server has ended');
    if (!child.stdin.write(serializeMessage(message))) await once(child.stdin, 'drain');
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child || child.pid === undefined) return;
    const group = -child.pid;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.stdin.end();
      const timer = setTimeout(() => kill(group), GRACE_MS);
      await ended;
      clearTimeout(timer);
    }
    // What it has started and left behind.
    kill(group);
  }

  #read(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
      for (let message = this.#buffer.readMessage(); message !== null; message = this.#buffer.readMessage()) this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      if (this.#child?.pid !== undefined) kill(-this.#child.pid);
    }
  }
}

function kill(group: number): void {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
