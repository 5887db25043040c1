import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { EventEnvelope, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure, type LoggedEvent } from '@agent-platform/kernel/index';
import { parseBody, readLine, type ParsedLine } from './event-body.ts';
import { eventIdOf } from './event-id.ts';
import type { SequencedEvent } from './event-log.ts';

/** Turns stored data of an older schema version into the newest; unknown types and versions come back as they are. */
export type Upcast = (type: string, schemaVersion: number, data: JsonObject) => { readonly schema_version: number; readonly data: JsonObject };
export const keepAsStored: Upcast = (_type, schema_version, data) => ({ schema_version, data });

/** One commit as the SQL functions return it. */
export const Commit = z.object({
  append_id: z.string(),
  first_version: z.int(),
  event_count: z.int(),
  time: z.string(),
  actor: z.string(),
  correlation_id: z.string(),
  causation_id: z.string().nullable(),
  traceparent: z.string().nullable(),
  body: z.string(),
});
export type Commit = z.output<typeof Commit>;
export const PlacedCommit = Commit.extend({
  first_position: z.int(),
  workspace_id: z.string(),
  category: z.string(),
  stream_id: z.string(),
});
export type PlacedCommit = z.output<typeof PlacedCommit>;

const hashOf = (line: ParsedLine): string | null => ('payload_ref' in line ? line.payload_ref.slice(7) : null);

/** Texts of the payloads that these commits refer to. Asks only when a body holds a reference at all. */
export async function payloadsOf(pool: CommonQueryMethods, bodies: readonly (readonly ParsedLine[])[]): Promise<ReadonlyMap<string, JsonObject>> {
  const hashes = new Set<string>();
  for (const body of bodies) for (const line of body) if ('payload_ref' in line) hashes.add(hashOf(line) as string);
  if (hashes.size === 0) return new Map();
  const rows = await pool.any(
    sql.type(z.object({ hash: z.string(), body: z.string() }))`select hash, body from event_log.payloads where hash = any(${sql.array([...hashes], 'text')})`,
  );
  return new Map(rows.map((row) => [row.hash, JSON.parse(row.body) as JsonObject]));
}

const dataOf = (line: ParsedLine, payloads: ReadonlyMap<string, JsonObject>): JsonObject => {
  if ('data' in line) return line.data;
  const data = payloads.get(hashOf(line) as string);
  if (!data)
    throw new Failure('fault', 'payload-missing', `payload ${line.payload_ref} of a ${line.type} event is not in event_log.payloads; restore it from a backup`);
  return data;
};

/** Events of one commit, newest schema. */
export function envelopes(
  commit: Commit,
  stream: StreamRef,
  lines: readonly ParsedLine[],
  payloads: ReadonlyMap<string, JsonObject>,
  upcast: Upcast,
): EventEnvelope[] {
  return lines.map((line, index) => {
    const { schema_version, data } = upcast(line.type, line.schema_version, dataOf(line, payloads));
    const event: EventEnvelope = {
      id: eventIdOf(commit.append_id, index),
      type: line.type,
      schema_version,
      workspace_id: stream.workspace_id,
      category: stream.category,
      stream_id: stream.stream_id,
      version: commit.first_version + index,
      time: commit.time,
      actor: commit.actor,
      correlation_id: commit.correlation_id,
      data,
    };
    if (commit.causation_id !== null) event.causation_id = commit.causation_id;
    if (commit.traceparent !== null) event.traceparent = commit.traceparent;
    return event;
  });
}

/** Events of one commit, with their positions. */
export const loggedEvents = (commit: PlacedCommit, lines: readonly ParsedLine[], payloads: ReadonlyMap<string, JsonObject>, upcast: Upcast): LoggedEvent[] =>
  envelopes(commit, commit, lines, payloads, upcast).map((event, index) => Object.assign(event, { position: commit.first_position + index }));

/** Events of one commit with the text the relay publishes: stored bytes are passed on, nothing is parsed. */
export function sequencedEvents(commit: PlacedCommit): SequencedEvent[] {
  const stream = { workspace_id: commit.workspace_id, category: commit.category, stream_id: commit.stream_id };
  const cause = {
    actor: commit.actor,
    correlation_id: commit.correlation_id,
    ...(commit.causation_id !== null && { causation_id: commit.causation_id }),
    ...(commit.traceparent !== null && { traceparent: commit.traceparent }),
  };
  const causeText = JSON.stringify(cause).slice(1, -1);
  return commit.body.split('\n').map((text, index) => {
    const line = readLine(text);
    const id = eventIdOf(commit.append_id, index);
    const version = commit.first_version + index;
    const position = commit.first_position + index;
    const rest = line.dataText === null ? `"payload_ref":"sha256:${line.payloadHash}"` : `"data":${line.dataText}`;
    return {
      position,
      id,
      stream,
      version,
      type: line.type,
      schema_version: line.schema_version,
      cause,
      time: commit.time,
      json: `{"id":"${id}","type":"${line.type}","schema_version":${line.schema_version},"workspace_id":"${stream.workspace_id}","category":"${stream.category}","stream_id":"${stream.stream_id}","version":${version},"position":${position},"time":"${commit.time}",${causeText},${rest}}`,
    };
  });
}

export const parseBodies = (commits: readonly { readonly body: string }[]): readonly (readonly ParsedLine[])[] =>
  commits.map((commit) => parseBody(commit.body));
