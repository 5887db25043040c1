import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Id, PageParams, type StreamRef, Time } from '@agent-platform/contracts/kit/index';
import { Failure, type LoggedEvent } from '@agent-platform/kernel/index';
import { loadState } from '@agent-platform/runtime/lookup';
import type { Gateway } from './gateway.ts';
import { parseParams } from './read-routes.ts';
import { contextOf } from './request-context.ts';

const EventFilter = {
  params: z.object({
    type: z.string().max(100).optional(),
    category: Id.optional(),
    stream_id: Id.optional(),
    correlation_id: z.string().max(200).optional(),
    actor: z.string().max(200).optional(),
    source: z.string().max(200).optional(),
    from: Time.optional(),
    to: Time.optional(),
    limit: PageParams.limit,
    cursor: z.coerce.number().int().min(0).default(0),
  }),
};
type Filter = z.output<typeof EventFilter.params>;

const StreamParams = {
  params: z.object({ category: Id, stream_id: Id, from: z.coerce.number().int().min(1).default(1), to: z.coerce.number().int().min(1).optional(), limit: PageParams.limit }),
};
const StateParams = { params: z.object({ category: Id, stream_id: Id, at: z.coerce.number().int().min(1).optional() }) };

/** How far one request looks through the log for events that match; the cursor goes on from there. */
const SCAN = 20_000;
const SCAN_PAGE = 1_000;

/** Routes over the log itself: all events, one stream, and the state of a stream at any of its versions. */
export function mountLogRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get('/events', async (request, reply) => {
    const { workspace_id } = contextOf(request, reply);
    return searchLog(gateway, workspace_id, parseParams(EventFilter, request.query));
  });

  app.get('/streams/:category/:stream_id/events', async (request, reply) => {
    const { workspace_id } = contextOf(request, reply);
    const { category, stream_id, from, to, limit } = parseParams(StreamParams, { ...(request.query as object), ...(request.params as object) });
    const items = await gateway.log.readStream({ workspace_id, category, stream_id }, { from, limit, ...(to !== undefined && { to }) });
    const last = items.at(-1)?.version;
    return { items, next_cursor: items.length === limit && last !== undefined ? String(last + 1) : null };
  });

  app.get('/streams/:category/:stream_id/state', async (request, reply) => {
    const { workspace_id } = contextOf(request, reply);
    const { category, stream_id, at } = parseParams(StateParams, { ...(request.query as object), ...(request.params as object) });
    const stream: StreamRef = { workspace_id, category, stream_id };
    const feature = gateway.features.all.find((one) => one.contract.category === category);
    const folded = feature ? await loadState(gateway.log, feature, stream, at) : null;
    if (!feature || !folded || folded.version === 0) {
      throw new Failure('missing', 'stream-not-found', `There is no stream "${category}/${stream_id}" in workspace "${workspace_id}".`);
    }
    return { stream: `${workspace_id}/${category}/${stream_id}`, version: folded.version, view: feature.view(folded.state, stream_id), state: folded.state };
  });
}

/** Events of a workspace that match, in log order. A stream is read by its index; anything else is looked for page by page. */
async function searchLog(gateway: Gateway, workspaceId: string, filter: Filter): Promise<object> {
  const items: LoggedEvent[] = [];
  let at = filter.cursor;
  const end = at + SCAN;
  while (items.length < filter.limit && at < end) {
    const page = await gateway.log.readLog(at, SCAN_PAGE);
    for (const event of page) {
      at = event.position;
      if (event.workspace_id === workspaceId && matches(event, filter)) items.push(event);
      if (items.length === filter.limit) break;
    }
    if (page.length < SCAN_PAGE && items.length < filter.limit) return { items, next_cursor: null, position: at };
  }
  return { items, next_cursor: String(at), position: at };
}

function matches(event: LoggedEvent, filter: Filter): boolean {
  return (
    (filter.type === undefined || event.type === filter.type) &&
    (filter.category === undefined || event.category === filter.category) &&
    (filter.stream_id === undefined || event.stream_id === filter.stream_id) &&
    (filter.correlation_id === undefined || event.correlation_id === filter.correlation_id) &&
    (filter.actor === undefined || event.actor === filter.actor) &&
    (filter.source === undefined || event.data['source'] === filter.source) &&
    (filter.from === undefined || event.time >= filter.from) &&
    (filter.to === undefined || event.time < filter.to)
  );
}
