import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { replayControlSubject } from '@agent-platform/contracts/kit/subjects';
import type { EventLog, SequencedEvent } from '@agent-platform/event-log/event-log';
import { Failure } from '@agent-platform/kernel/index';
import type { NatsConnection, Subscription } from '@agent-platform/messaging/connect';
import { publishReplay } from '@agent-platform/messaging/replay-publisher';
import type { Logger } from './logger.ts';
import { pause } from './patience.ts';
import { createPace, pauseUntil, whenHeard } from './replay-pace.ts';

/** What is played again: one stream (then `from` and `to` are its versions) or a part of the log (then they are positions). */
export interface ReplayRequest {
  readonly workspace_id: string;
  readonly category?: string | undefined;
  /** Needs a category. */
  readonly stream_id?: string | undefined;
  /** Default 1. */
  readonly from?: number | undefined;
  /** Default: the newest at the time of the request. */
  readonly to?: number | undefined;
  /** How many times as fast as it happened; 0 or absent: at once. */
  readonly speed?: number | undefined;
  /** Longest wait for somebody to listen, in milliseconds: what is published before is lost. Default 0: begin at once. */
  readonly delay_ms?: number | undefined;
}

export interface ReplayStatus {
  readonly replay_id: string;
  /** Subscribe here. */
  readonly subject: string;
  /** Events there are to publish, and how many have been. */
  readonly count: number;
  readonly published: number;
  readonly state: 'waiting' | 'playing' | 'ended' | 'stopped' | 'failed';
}

export interface Replay {
  readonly status: ReplayStatus;
  /** Resolves, never rejects, when it has ended in one way or another. */
  readonly done: Promise<ReplayStatus>;
  stop(): void;
}

const PAGE = 500;
/** Positions that one replay of a part of the log looks through: its answer counts them first. */
const LONGEST_PART = 200_000;
const RELAY_MS = 2_000;
const LOOK_EVERY_MS = 20;

/**
 * Publishes events of the log again, in log order and with their own bytes and headers, on `replay.<id>.<original subject>`:
 * core NATS, where no stream, projector or executor listens. Answers on its control subject until it has ended. A crash of
 * the process ends it; nothing is stored. Throws Failure('missing') or Failure('invalid') before anything is published.
 */
export async function startReplay(
  replayId: string,
  request: ReplayRequest,
  { log, nats, logger }: { log: EventLog; nats: NatsConnection; logger: Logger },
): Promise<Replay> {
  const part = await partOf(log, request);
  const subject = `replay.${replayId}.>`;
  const stopping = new AbortController();
  let status: ReplayStatus = { replay_id: replayId, subject, count: await count(log, part), published: 0, state: 'waiting' };

  async function play(): Promise<void> {
    const until = performance.now() + (request.delay_ms ?? 0);
    const due = createPace(request.speed ?? 0);
    for await (const events of pages(log, part)) {
      for (const group of due.paced ? events.map((event) => [event]) : [events]) {
        await pauseUntil(due.at(group[0]), stopping.signal);
        if (stopping.signal.aborted) return;
        const first = status.state === 'waiting' ? group[0] : undefined;
        if (first) await whenHeard(nats, replayId, first, until, stopping.signal);
        status = { ...status, state: 'playing' };
        await publishReplay(nats, replayId, first ? group.slice(1) : group);
        status = { ...status, published: status.published + group.length };
      }
    }
  }

  const control = nats.subscribe(replayControlSubject(replayId), {
    callback: (error, message) => {
      if (error) return;
      if (message.string() === 'stop') stopping.abort();
      message.respond(JSON.stringify(stopping.signal.aborted ? { ...status, state: 'stopped' } : status));
    },
  });
  const done = play()
    .then(
      () => (status = { ...status, state: stopping.signal.aborted ? 'stopped' : 'ended' }),
      (error: unknown) => {
        logger.warn({ error, replay_id: replayId }, 'a replay could not go on');
        return (status = { ...status, state: 'failed' });
      },
    )
    .then(async (last) => {
      await answerTheLast(control);
      return last;
    });
  return {
    get status() {
      return status;
    },
    done,
    stop: () => stopping.abort(),
  };
}

/** Who asked before the server heard of the end is answered still, instead of waiting in vain. */
const answerTheLast = (control: Subscription): Promise<void> => control.drain().catch(() => undefined);

interface Part {
  /** Log positions: after the first, up to and with the second. */
  readonly after: number;
  readonly until: number;
  readonly has: (event: SequencedEvent) => boolean;
}

async function partOf(log: EventLog, { workspace_id, category, stream_id, from = 1, to }: ReplayRequest): Promise<Part> {
  if (stream_id === undefined) {
    const head = await log.head();
    const until = Math.min(to ?? head, head);
    if (until - from >= LONGEST_PART) {
      throw new Failure('invalid', 'replay-too-long', `The replay would look through ${until - from + 1} positions of the log.`, {
        errors: [{ field: '/to', rule: `must be at most ${LONGEST_PART} positions behind from`, remedy: 'name a stream, or a smaller part' }],
      });
    }
    return { after: from - 1, until, has: ({ stream }) => stream.workspace_id === workspace_id && (category === undefined || stream.category === category) };
  }
  if (category === undefined) {
    throw new Failure('invalid', 'replay-of-what', 'A stream is named by its category and its id.', {
      errors: [{ field: '/category', rule: 'required with stream_id', remedy: 'e.g. run' }],
    });
  }
  const stream: StreamRef = { workspace_id, category, stream_id };
  const events = await log.readStream(stream, { from, ...(to !== undefined && { to }) });
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last)
    throw new Failure('missing', 'stream-not-found', `There are no such events of "${category}/${stream_id}" in workspace "${workspace_id}".`);
  const end = await whenPositioned(log, last.id);
  const begin = await log.positionOf(first.id);
  return {
    after: (begin ?? end + 1) - 1,
    until: end,
    has: (event) =>
      event.stream.stream_id === stream_id &&
      event.stream.category === category &&
      event.stream.workspace_id === workspace_id &&
      event.version >= from &&
      event.version <= last.version,
  };
}

/** Position of an event; of the head when it has none for too long: what the relay has not published can't be played again. */
async function whenPositioned(log: EventLog, eventId: string): Promise<number> {
  for (const until = performance.now() + RELAY_MS; performance.now() < until; await pause(LOOK_EVERY_MS)) {
    const position = await log.positionOf(eventId);
    if (position !== null) return position;
  }
  return log.head();
}

async function* pages(log: EventLog, { after, until, has }: Part): AsyncGenerator<readonly SequencedEvent[]> {
  for (let at = after; at < until;) {
    const events = await log.readSequenced(at, Math.min(PAGE, until - at));
    const last = events.at(-1);
    if (!last) return;
    at = last.position;
    yield events.filter(has);
  }
}

async function count(log: EventLog, part: Part): Promise<number> {
  let found = 0;
  for await (const events of pages(log, part)) found += events.length;
  return found;
}
