import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clients } from './clients.ts';
import { newOrder, type Order } from './ledger.ts';
import type { Observer } from './observer.ts';
import type { Random } from './seed.ts';
import { installation, SHAPES, type Shape, WORKSPACES } from './workflows.ts';

/** Clients that create runs of all shapes in all workspaces, each waiting for the end of its run before the next. */
export interface Workload {
  /** Tools and workflows of every workspace. */
  install(): Promise<void>;
  start(): void;
  /** Some runs of one shape, at once; resolves when they have been asked for and have ended, or after four seconds. */
  begin(shape: Shape, count: number): Promise<void>;
  /** Begins nothing new; resolves when the clients have put their pens down. */
  pause(): Promise<void>;
  readonly started: number;
}

export interface WorkloadOptions {
  readonly clients: Clients;
  readonly observer: Observer;
  readonly random: Random;
  readonly worldUrl: string;
  /** Whether there is a gateway for half of the clients. */
  readonly http: boolean;
  readonly lanes: number;
}

/** `slow` is for scenarios that need an effect in flight for long. */
const ORDINARY = SHAPES.filter((shape) => shape !== 'slow');
const PATIENCE_MS = 4_000;
/** Between two runs of one client, so that a scenario's log stays small enough to be rebuilt after each. */
const THINKING_MS = 120;
const TRIES = 4;

export function createWorkload({ clients, observer, random, worldUrl, http, lanes }: WorkloadOptions): Workload {
  const versions = new Map<string, Readonly<Record<Shape, string>>>();
  let running = false;
  let started = 0;
  let working: Promise<unknown> = Promise.resolve();
  let stop = new AbortController();

  /** Asks again under the same key while there is no answer; what is still open then is settled when the faults are over. */
  async function insist(order: Order) {
    for (let attempt = 1; ; attempt++) {
      const answer = await clients.send(order);
      if (answer.status !== 'unknown' || attempt === TRIES || !running) return answer;
      await pause(150 * attempt);
    }
  }

  async function oneRun(shape: Shape): Promise<void> {
    const workspace = random.pick(WORKSPACES);
    const via = http && random.chance(0.5) ? 'http' : 'nats';
    const early = shape === 'signal' && random.chance(0.5);
    const input = { op: randomUUID(), n: random.int(0, 9), early };
    started += 1;
    const answer = await insist(newOrder(workspace, 'run.create', { workflow_version_id: versions.get(workspace)?.[shape], input }, via));
    if (answer.status !== 'ok') return;
    const run_id = answer.reply.id;
    const end = observer.ended(run_id, PATIENCE_MS);
    if (early) await insist(newOrder(workspace, 'run.signal', { run_id, name: 'go', payload_json: { from: 'lane' } }, via));
    await Promise.race([end, aborted(stop.signal)]);
  }

  async function lane(): Promise<void> {
    while (running) {
      await oneRun(random.pick(ORDINARY));
      await pause(random.int(0, THINKING_MS));
    }
  }

  return {
    async install() {
      for (const workspace of WORKSPACES) {
        const { orders, versions: made } = installation(workspace, worldUrl);
        versions.set(workspace, made);
        for (const order of orders) {
          const answer = await clients.send(order);
          if (answer.status !== 'ok') throw new Error(`could not install ${order.type} in ${workspace}: ${JSON.stringify(answer)}`);
        }
      }
    },
    start() {
      if (running) return;
      running = true;
      stop = new AbortController();
      working = Promise.all(Array.from({ length: lanes }, lane));
    },
    async begin(shape, count) {
      await Promise.all(Array.from({ length: count }, () => oneRun(shape)));
    },
    async pause() {
      running = false;
      stop.abort();
      await working;
    },
    get started() {
      return started;
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
