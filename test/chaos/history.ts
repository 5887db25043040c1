import pg from 'pg';
import type { Recorded } from './recorded.ts';

/** A command that has appended, as the log's own table says it. */
export interface LoggedCommand {
  readonly workspace_id: string;
  readonly command_id: string;
  readonly category: string;
  readonly stream_id: string;
  readonly first_version: number;
  readonly event_count: number;
  readonly append_id: string;
}

/** The log as it lies in Postgres, read by SQL and by none of the platform's code. */
export interface History {
  /** By position; events without one come last. */
  readonly events: readonly (Omit<Recorded, 'position'> & { readonly position: number | null })[];
  readonly byId: ReadonlyMap<string, History['events'][number]>;
  /** Events of a stream in version order, by `workspace/category/id`. */
  readonly streams: ReadonlyMap<string, readonly History['events'][number][]>;
  /** By `workspace/command id`. */
  readonly commands: ReadonlyMap<string, LoggedCommand>;
  /** Newest position given. */
  readonly head: number;
}

const EVENTS = `
  select id::text, position::float8 as position, workspace_id, category, stream_id, version::float8 as version, type, schema_version,
         time::text as time, actor, correlation_id, data
  from event_log.events order by position nulls last, stream_id, version`;
const COMMANDS = `
  select workspace_id, command_id, category, stream_id, first_version::float8 as first_version, event_count, append_id::text from event_log.commands`;

export async function readHistory(databaseUrl: string): Promise<History> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // One snapshot for all three questions.
    await client.query('begin isolation level repeatable read');
    const { rows: events } = await client.query<History['events'][number]>(EVENTS);
    const { rows: commands } = await client.query<LoggedCommand>(COMMANDS);
    const { rows: heads } = await client.query<{ head: number }>('select head::float8 as head from event_log.sequencer');
    return {
      events,
      byId: new Map(events.map((event) => [event.id, event])),
      streams: byStream(events),
      commands: new Map(commands.map((command) => [`${command.workspace_id}/${command.command_id}`, command])),
      head: heads[0]?.head ?? 0,
    };
  } finally {
    await client.end();
  }
}

export const streamKey = ({ workspace_id, category, stream_id }: Pick<Recorded, 'workspace_id' | 'category' | 'stream_id'>): string =>
  `${workspace_id}/${category}/${stream_id}`;

function byStream(events: History['events']): Map<string, History['events'][number][]> {
  const streams = new Map<string, History['events'][number][]>();
  for (const event of events) {
    const key = streamKey(event);
    const stream = streams.get(key);
    if (stream) stream.push(event);
    else streams.set(key, [event]);
  }
  for (const stream of streams.values()) stream.sort((a, b) => a.version - b.version);
  return streams;
}
