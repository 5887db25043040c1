import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { LoggedEvent } from '@agent-platform/kernel/index';
import { checkRequest } from '../append-request.ts';
import { encodeBody, parseBody } from '../event-body.ts';
import { eventIdsOf, newAppendId, splitEventId } from '../event-id.ts';
import type { AppendRequest, AppendResult, CommandRecord, EventLog } from '../event-log.ts';
import { jsonText } from '../json-text.ts';
import type { OwnerLock } from '../owner-lock.ts';
import { envelopes, keepAsStored, loggedEvents, sequencedEvents, type PlacedCommit, type Upcast } from '../read.ts';
import { LARGEST_SNAPSHOT } from '../snapshots.ts';
import { checkLease, settleLease, type Lease } from './memory-leases.ts';

interface Stream {
  readonly ref: StreamRef;
  version: number;
  lease: Lease;
  commits: PlacedCommit[];
}

/** The log without a database: same rules, same encoded bytes, one process, gone at the end. For pure tests. */
export interface MemoryEventLog extends EventLog {
  /** The same log, read through another upcast. */
  withUpcast(upcast: Upcast): EventLog;
  holdOwnerLock(): OwnerLock;
}

export interface MemoryEventLogOptions {
  readonly upcast?: Upcast;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly clock?: () => number;
}

const key = (...parts: readonly string[]) => parts.join('\n');
const keyOf = (stream: StreamRef) => key(stream.workspace_id, stream.category, stream.stream_id);

export function createMemoryEventLog(options: MemoryEventLogOptions = {}): MemoryEventLog {
  const clock = options.clock ?? Date.now;
  const streams = new Map<string, Stream>();
  const byAppend = new Map<string, PlacedCommit>();
  const commands = new Map<string, CommandRecord>();
  const reserved = new Map<string, StreamRef>();
  const payloads = new Map<string, string>();
  const cursors = new Map<string, number>();
  const snapshots = new Map<string, { version: number; state: string }>();
  const alive = new Set<number>();
  const sequenced: PlacedCommit[] = [];
  const waiting: PlacedCommit[] = [];
  let newest = 0;

  const decide = (request: AppendRequest, body: string): AppendResult => {
    const { stream: ref, cause, command, lease } = request;
    const id = keyOf(ref);
    const stream = streams.get(id) ?? { ref, version: 0, lease: { epoch: 0, owner: null, until: 0 }, commits: [] };
    const now = clock();
    const known = command && commands.get(key(ref.workspace_id, command.id));
    if (known) {
      const { fingerprint, ...first } = known;
      return fingerprint === command.fingerprint ? { status: 'duplicate', ...first } : { status: 'command_reused' };
    }
    const refused = checkLease(stream.lease, lease, now, alive);
    if (refused) return refused;
    const { expected } = request;
    if (expected === 'exists' ? stream.version === 0 : expected !== 'any' && expected !== stream.version) return { status: 'conflict', actual: stream.version };
    for (const { scope, key: name, release } of request.reservations ?? []) {
      const holder = reserved.get(key(ref.workspace_id, scope, name));
      if (!release && holder && keyOf(holder) !== id) return { status: 'reserved', scope, key: name, holder: holder.stream_id };
    }

    const appendId = newAppendId();
    const first = stream.version + 1;
    const count = request.events.length;
    const time = new Date(now).toISOString();
    stream.version += count;
    stream.lease = settleLease(stream.lease, lease, request.release === true, now);
    streams.set(id, stream);
    if (count > 0) {
      const commit: PlacedCommit = {
        first_position: 0,
        append_id: appendId,
        first_version: first,
        event_count: count,
        time,
        ...ref,
        body,
        actor: cause.actor,
        correlation_id: cause.correlation_id,
        causation_id: cause.causation_id ?? null,
        traceparent: cause.traceparent ?? null,
      };
      stream.commits.push(commit);
      byAppend.set(appendId, commit);
      waiting.push(commit);
    }
    const done = { first_version: first, last_version: stream.version, event_ids: eventIdsOf(appendId, count) };
    if (command) commands.set(key(ref.workspace_id, command.id), { fingerprint: command.fingerprint, stream: ref, ...done });
    for (const { scope, key: name, release } of request.reservations ?? []) {
      const place = key(ref.workspace_id, scope, name);
      const holder = reserved.get(place);
      if (!release) reserved.set(place, ref);
      else if (holder && keyOf(holder) === id) reserved.delete(place);
    }
    return { status: 'appended', ...done, time, epoch: lease ? stream.lease.epoch : null };
  };

  const payloadTexts = () => new Map([...payloads].map(([hash, text]) => [hash, JSON.parse(text) as EventEnvelope['data']]));
  const after = (position: number) => sequenced.filter((commit) => commit.first_position + commit.event_count > position + 1);

  const view = (upcast: Upcast): EventLog => ({
    async append(request) {
      checkRequest(request);
      const encoded = encodeBody(request.events);
      for (const [hash, text] of encoded.payloads ?? []) payloads.set(hash, text);
      return decide(request, encoded.body);
    },
    async readStream(ref, { from = 1, to = Infinity, limit = Infinity } = {}) {
      return (streams.get(keyOf(ref))?.commits ?? [])
        .flatMap((commit) => envelopes(commit, ref, parseBody(commit.body), payloadTexts(), upcast))
        .filter((event) => event.version >= from && event.version <= to)
        .slice(0, limit);
    },
    async readLog(position, limit): Promise<LoggedEvent[]> {
      return after(position)
        .flatMap((commit) => loggedEvents(commit, parseBody(commit.body), payloadTexts(), upcast))
        .filter((event) => event.position > position)
        .slice(0, limit);
    },
    async readSequenced(position, limit) {
      return after(position)
        .flatMap(sequencedEvents)
        .filter((event) => event.position > position)
        .slice(0, limit);
    },
    // Nothing is known of any part: all of it may hold what is looked for.
    findPages: async (_query, after) => ({ pages: after < newest ? [{ after, to: newest }] : [], upTo: newest, head: newest }),
    head: async () => newest,
    async positionOf(eventId) {
      const id = splitEventId(eventId);
      const commit = id && byAppend.get(id.appendId);
      return commit && commit.first_position > 0 && id.index < commit.event_count ? commit.first_position + id.index : null;
    },
    holder: async (workspaceId, scope, name) => reserved.get(key(workspaceId, scope, name))?.stream_id ?? null,
    command: async (workspaceId, commandId) => commands.get(key(workspaceId, commandId)) ?? null,
    async sequence(limit) {
      const taken: PlacedCommit[] = [];
      const until = newest + limit;
      while (newest < until && waiting.length > 0) {
        const commit = Object.assign(waiting.shift() as PlacedCommit, { first_position: newest + 1 });
        newest += commit.event_count;
        taken.push(commit);
      }
      sequenced.push(...taken);
      return taken.flatMap(sequencedEvents);
    },
    async renew(leases, ttlMs) {
      return leases.flatMap(({ stream: ref, owner, epoch }) => {
        const stream = streams.get(keyOf(ref));
        if (!stream || stream.lease.owner !== owner || stream.lease.epoch !== epoch) return [];
        stream.lease = { ...stream.lease, until: clock() + ttlMs };
        return [{ stream: ref, version: stream.version }];
      });
    },
    async abandoned(category, limit) {
      return [...streams.values()]
        .filter(({ ref, lease }) => ref.category === category && lease.owner !== null && (lease.until < clock() || !alive.has(lease.owner)))
        .slice(0, limit)
        .map(({ ref }) => ref);
    },
    cursor: async (name) => cursors.get(name) ?? 0,
    async moveCursor(name, from, to) {
      if ((cursors.get(name) ?? 0) !== from) return false;
      cursors.set(name, to);
      return true;
    },
    async readSnapshot(stream, schema) {
      const found = snapshots.get(key(keyOf(stream), schema));
      return found ? { version: found.version, state: JSON.parse(found.state) as unknown } : null;
    },
    async writeSnapshot(stream, schema, version, state) {
      const place = key(keyOf(stream), schema);
      const text = jsonText(state);
      if (text.length > LARGEST_SNAPSHOT) return;
      for (const [other, found] of snapshots) {
        if (other !== place && other.startsWith(`${keyOf(stream)}\n`) && found.version <= version) snapshots.delete(other);
      }
      if ((snapshots.get(place)?.version ?? -1) < version) snapshots.set(place, { version, state: text });
    },
    now: async () => new Date(clock()).toISOString(),
    close: async () => undefined,
  });

  return {
    ...view(options.upcast ?? keepAsStored),
    withUpcast: view,
    holdOwnerLock() {
      const owner = 1 + Math.floor(Math.random() * 0x7ffffffe);
      alive.add(owner);
      return {
        owner,
        alive: () => alive.has(owner),
        async close() {
          alive.delete(owner);
        },
      };
    },
  };
}
