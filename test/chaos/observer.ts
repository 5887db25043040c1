import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { createEventLog } from '@agent-platform/event-log/index';
import { fingerprint, type Recorded } from './recorded.ts';

/** What a reader saw, by position: the first sighting, and contradictions to it. */
export interface Recording {
  readonly reader: string;
  readonly seen: Map<number, string>;
  readonly contradictions: string[];
}

/**
 * Two readers that begin with the run and write down what they see: one pages through the log in Postgres, the other
 * hears `evt.>` on NATS (and may miss some of it, and hear some twice, while NATS is down). The first one also tells
 * the harness what goes on, so that it can play the people who answer.
 */
export interface Observer {
  readonly recordings: readonly Recording[];
  /** Runs that have begun and not ended, with their workspace. */
  readonly open: ReadonlyMap<string, string>;
  readonly position: number;
  /** Resolves when the run has ended, or after `ms`. */
  ended(runId: string, ms: number): Promise<void>;
  /** Forgets all it saw, and reads the log from the beginning. */
  beginAnew(): void;
  close(): Promise<void>;
}

const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);
const POLL_MS = 40;

export async function observe(databaseUrl: string, nats: NatsConnection, hear: (event: Recorded) => void): Promise<Observer> {
  const log = await createEventLog({ url: databaseUrl, connections: 1, patienceMs: 500 });
  const paged: Recording = { reader: 'log', seen: new Map(), contradictions: [] };
  const heard: Recording = { reader: 'evt.>', seen: new Map(), contradictions: [] };
  const open = new Map<string, string>();
  const over = new Set<string>();
  const waiting = new Map<string, () => void>();
  const closing = new AbortController();
  let position = 0;

  const subscription = nats.subscribe('evt.>', {
    callback: (error, message) => {
      if (!error) note(heard, message.json<Recorded>());
    },
  });

  function take(event: Recorded): void {
    note(paged, event);
    if (event.position !== position + 1) paged.contradictions.push(`position ${event.position} came after ${position}`);
    position = event.position;
    if (event.type === 'run.created') open.set(event.stream_id, event.workspace_id);
    if (ENDS.has(event.type)) {
      open.delete(event.stream_id);
      over.add(event.stream_id);
      waiting.get(event.stream_id)?.();
    }
    hear(event);
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      // While Postgres is away there is nothing to see; the next turn asks again.
      const asked = position;
      const events = await log.readLog(asked, 500).catch(() => []);
      // What was asked for before it began anew is not taken.
      if (asked === position) for (const event of events) take(event);
      if (events.length === 0) await pause(POLL_MS);
    }
  }

  const following = follow();
  return {
    recordings: [paged, heard],
    open,
    get position() {
      return position;
    },
    async ended(runId, ms) {
      if (over.has(runId)) return;
      const end = new Promise<void>((resolve) => waiting.set(runId, resolve));
      await Promise.race([end, pause(ms)]);
      waiting.delete(runId);
    },
    beginAnew() {
      position = 0;
      for (const known of [open, over, paged.seen, heard.seen]) known.clear();
      for (const { contradictions } of [paged, heard]) contradictions.length = 0;
    },
    async close() {
      closing.abort();
      subscription.unsubscribe();
      await following;
      await log.close();
    },
  };
}

function note({ seen, contradictions }: Recording, event: Recorded): void {
  const mark = fingerprint(event);
  const before = seen.get(event.position);
  if (before === undefined) seen.set(event.position, mark);
  else if (before !== mark) contradictions.push(`position ${event.position} changed`);
}
