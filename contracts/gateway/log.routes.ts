import { z } from 'zod';
import { Id, JsonObject, JsonValue, PageParams, Time } from '../kit/index.ts';
import { EventView } from './event.view.ts';
import { defineRoutes } from './route.ts';

const stream = { category: Id, stream_id: Id };
const version = z.coerce.number().int().min(1);
const Cursor = z.string().nullable().meta({ description: 'Give it as `cursor` (or `from`) to go on; null: there is no more' });

const Replay = z
  .object({
    replay_id: Id,
    subject: z.string().meta({ description: 'Subscribe here: replay.<replay_id>.>' }),
    count: z.int().meta({ description: 'Events to publish' }),
    published: z.int(),
    state: z.enum(['waiting', 'playing', 'ended', 'stopped', 'failed']),
  })
  .meta({ id: 'Replay' });

/** Routes over the log itself: the truth, never behind. */
export const logRoutes = defineRoutes({
  'log.search': {
    method: 'GET',
    path: '/events',
    summary: 'Events of the log in log order. One request looks through a part of the log: go on while there is a cursor.',
    params: z.object({
      type: z.string().max(100).optional(),
      category: Id.optional(),
      stream_id: Id.optional(),
      correlation_id: z.string().max(200).optional().meta({ description: 'x-request-id of the request that caused it' }),
      actor: z.string().max(200).optional(),
      source: z.string().max(200).optional().meta({ description: 'source_service of published events' }),
      from: Time.optional(),
      to: Time.optional(),
      limit: PageParams.limit,
      cursor: z.coerce.number().int().min(0).default(0).meta({ description: 'Log position to look after' }),
    }),
    answer: z.object({ items: z.array(EventView), next_cursor: Cursor, position: z.int() }).meta({ id: 'EventPage' }),
  },
  'log.stream': {
    method: 'GET',
    path: '/streams/{category}/{stream_id}/events',
    summary: 'Events of one stream, by version.',
    params: z.object({ ...stream, from: version.default(1), to: version.optional(), limit: PageParams.limit }),
    answer: z.object({ items: z.array(EventView), next_cursor: Cursor }).meta({ id: 'StreamPage' }),
  },
  'log.state': {
    method: 'GET',
    path: '/streams/{category}/{stream_id}/state',
    summary: 'What a stream was after any of its events: folded from the log.',
    params: z.object({ ...stream, at: version.optional().meta({ description: 'Version; without it the newest' }) }),
    answer: z
      .object({
        stream: z.string(),
        version: z.int(),
        view: JsonObject.nullable().meta({ description: 'As the API shows it; null before creation and after deletion' }),
        state: JsonValue,
      })
      .meta({ id: 'StreamState' }),
  },
  'replay.create': {
    method: 'POST',
    path: '/replays',
    summary: 'Publish the events of a stream again on replay subjects, for debugging. Executors and projectors never listen there.',
    body: z
      .strictObject({
        replay_id: Id.optional().meta({ description: 'Chosen by the caller, so that it can subscribe first' }),
        category: Id.optional(),
        stream_id: Id.optional().meta({ description: 'With its category: one stream; without: everything of the category, or of the workspace' }),
        from: z.int().min(1).default(1).meta({ description: 'First version of the stream; without a stream: first log position' }),
        to: z.int().min(1).optional().meta({ description: 'Last version or position' }),
        speed: z.number().min(0).max(1_000_000).default(0).meta({ description: 'How many times as fast as it happened; 0: at once' }),
        delay_ms: z.int().min(0).max(60_000).default(5_000).meta({ description: 'Longest wait for somebody to listen: what is published before is lost' }),
      })
      .meta({ id: 'CreateReplay' }),
    answer: Replay,
    status: 202,
  },
  'replay.get': {
    method: 'GET',
    path: '/replays/{replay_id}',
    summary: 'How far a replay is, while it is being played.',
    params: z.object({ replay_id: Id }),
    answer: Replay,
  },
  'replay.stop': { method: 'DELETE', path: '/replays/{replay_id}', summary: 'Stop a replay.', params: z.object({ replay_id: Id }), answer: Replay },
});
