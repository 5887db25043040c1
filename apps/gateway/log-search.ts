import type { z } from 'zod';
import type { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { EventLog } from '@agent-platform/event-log/event-log';
import type { LoggedEvent } from '@agent-platform/kernel/index';

type Filter = z.output<(typeof gatewayRoutes)['log.search']['params']>;

/** How far one request looks through the log for events that match; the cursor goes on from there. */
const SCAN = 20_000;
const SCAN_PAGE = 1_000;

export interface FoundEvents {
  readonly items: readonly LoggedEvent[];
  /** Position to look after; null at the end of the log. */
  readonly next_cursor: string | null;
  readonly position: number;
}

/** Events of a workspace that match, in log order, page by page from the cursor on. */
export async function searchLog(log: EventLog, workspaceId: string, filter: Filter): Promise<FoundEvents> {
  const items: LoggedEvent[] = [];
  let at = filter.cursor;
  const end = at + SCAN;
  while (items.length < filter.limit && at < end) {
    const page = await log.readLog(at, SCAN_PAGE);
    for (const event of page) {
      at = event.position;
      if (event.workspace_id === workspaceId && matches(event, filter)) items.push(event);
      if (items.length === filter.limit) break;
    }
    if (page.length < SCAN_PAGE && items.length < filter.limit) return { items, next_cursor: null, position: at };
  }
  return { items, next_cursor: String(at), position: at };
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
