import { createHash } from 'node:crypto';
import { LIMITS, type JsonObject } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { AppendRequest } from './event-log.ts';
import { jsonText } from './json-text.ts';

/** Body of a commit: one line of JSON per event; data above the inline limit is a reference into `payloads`. */
export interface EncodedBody {
  readonly body: string;
  /** Hash to text; null when all data is inline. */
  readonly payloads: ReadonlyMap<string, string> | null;
}

const TYPE = /^[A-Za-z0-9_.-]{1,200}$/;
const LINE = /^\{"type":"([^"]+)","schema_version":(\d+),"(data|payload_ref)":/;
const isLarge = (json: string) => json.length > LIMITS.inlineBytes || (json.length * 3 > LIMITS.inlineBytes && Buffer.byteLength(json) > LIMITS.inlineBytes);

export function encodeBody(events: AppendRequest['events']): EncodedBody {
  if (events.length > LIMITS.eventsPerAppend)
    throw new Failure('invalid', 'too-many-events', `events: at most ${LIMITS.eventsPerAppend} per append; split the command`, { status: 413 });
  let body = '';
  let payloads: Map<string, string> | null = null;
  for (const event of events) {
    if (!TYPE.test(event.type) || !Number.isSafeInteger(event.schema_version) || event.schema_version < 1)
      throw new Failure(
        'invalid',
        'event-type-invalid',
        `event type ${JSON.stringify(event.type)} must be 1 to 200 letters, digits, "_", "." or "-", and schema_version an integer from 1`,
      );
    const json = jsonText(event.data);
    if (body !== '') body += '\n';
    body += `{"type":"${event.type}","schema_version":${event.schema_version},`;
    if (isLarge(json)) {
      const hash = createHash('sha256').update(json).digest('hex');
      (payloads ??= new Map()).set(hash, json);
      body += `"payload_ref":"sha256:${hash}"}`;
    } else body += `"data":${json}}`;
  }
  return { body, payloads };
}

/** One line, its data still text. Exactly one of `dataText` and `payloadHash` is not null. */
export interface EventLine {
  readonly type: string;
  readonly schema_version: number;
  readonly dataText: string | null;
  readonly payloadHash: string | null;
}

export function readLine(line: string): EventLine {
  const match = LINE.exec(line);
  if (!match) throw new Failure('fault', 'event-line-damaged', 'a line of a commit is not in the stored form; restore the log from a backup');
  const rest = line.slice(match[0].length, -1);
  const inline = match[3] === 'data';
  return {
    type: match[1] as string,
    schema_version: Number(match[2]),
    dataText: inline ? rest : null,
    payloadHash: inline ? null : rest.slice(8, -1),
  };
}

/** One line, parsed at once: the fast way when the data is wanted as a value. */
export type ParsedLine = { readonly type: string; readonly schema_version: number } & ({ readonly data: JsonObject } | { readonly payload_ref: string });

// The lines were written by `encodeBody` from typed events: validating them again on every read would be the
// largest cost of reading.
export const parseBody = (body: string): readonly ParsedLine[] => JSON.parse(`[${body.replaceAll('\n', ',')}]`) as ParsedLine[];
