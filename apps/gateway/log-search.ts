import type { z } from 'zod';
import type { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { LoggedEvent } from '@agent-platform/kernel/index';

type Filter = z.output<(typeof gatewayRoutes)['log.search']['params']>;

/** Parts of the log that one request looks through; the cursor goes on from there. */
const PAGES = 20;

export interface FoundEvents {
  readonly items: readonly LoggedEvent[];
  /** Position to look after; null at the end of the log. */
  readonly next_cursor: string | null;
  readonly position: number;
}

/** Events of a workspace that match, in log order, page by page from the cursor on. */
export async function searchLog(log: EventLog, workspaceId: string, filter: Filter): Promise<FoundEvents> {
  // Only published events have a source.
  const type = filter.source === undefined ? filter.type : 'event.published';
  const { pages, upTo, head } = await log.findPages({ ...filter, type, workspace_id: workspaceId }, filter.cursor, PAGES);
  const items: LoggedEvent[] = [];
  for (const { after, to } of pages) {
    for (const event of await log.readLog(after, to - after)) {
      if (event.position <= to && event.workspace_id === workspaceId && matches(event, filter)) items.push(event);
      if (items.length === filter.limit) return { items, next_cursor: String(event.position), position: event.position };
    }
  }
  return { items, next_cursor: upTo < head ? String(upTo) : null, position: upTo };
}

/** Times are compared as instants: the filter may have an offset. */
function matches(event: LoggedEvent, filter: Filter): boolean {
  return (
    (filter.type === undefined || event.type === filter.type) &&
    (filter.category === undefined || event.category === filter.category) &&
    (filter.stream_id === undefined || event.stream_id === filter.stream_id) &&
    (filter.correlation_id === undefined || event.correlation_id === filter.correlation_id) &&
    (filter.actor === undefined || event.actor === filter.actor) &&
    (filter.source === undefined || event.data['source_service'] === filter.source) &&
    (filter.from === undefined || Date.parse(event.time) >= Date.parse(filter.from)) &&
    (filter.to === undefined || Date.parse(event.time) < Date.parse(filter.to))
  );
}
