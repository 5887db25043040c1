import { readFileSync } from 'node:fs';
import { mcpServerContract } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { equal, newestFirst, type LoggedEvent, type Projection, type Query, type RowChange } from '@agent-platform/kernel/index';
import type { McpServerEvent } from './mcp-server.state.ts';
import { NO_SIGN_IN, signInColumns } from './sign-in.columns.ts';

type Typed = McpServerEvent & LoggedEvent;
const table = 'mcp_servers';

/** Table `mcp_servers`. */
export const mcpServerProjection: Projection = {
  name: 'mcp_server',
  version: 2,
  sql: readFileSync(new URL('./mcp-server.sql', import.meta.url), 'utf8'),
  events: Object.keys(mcpServerContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id: id, version, time } = event;
  const row = { table, key: { workspace_id, id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'mcp_server.created':
      return [{ ...row, set: { ...event.data, status: 'pending', ...NO_SIGN_IN, ...touched, created_at: time } }];
    case 'mcp_server.refresh_requested':
      return [{ ...row, set: { status: 'pending', ...touched } }];
    case 'mcp_server.discovery_started':
      return [{ ...row, set: { status: 'discovering', ...touched } }];
    case 'mcp_server.discovered':
      return [{ ...row, set: { status: 'ready', catalog: event.data.catalog, error: null, discovered_at: time, ...touched } }];
    case 'mcp_server.discovery_failed':
      return [{ ...row, set: { status: 'failed', error: event.data.error, ...touched } }];
    case 'mcp_server.deleted':
      return [{ ...row, remove: true }];
    default: {
      const set = signInColumns(event);
      return set ? [{ ...row, set: { ...set, ...touched } }] : [];
    }
  }
}

export const mcpServerQueries: Readonly<Record<string, Query>> = {
  'mcp_server.get': { kind: 'get', projection: 'mcp_server', table, key: { mcp_server_id: 'id' } },
  'mcp_server.list': {
    kind: 'list',
    projection: 'mcp_server',
    table,
    filters: { ...equal('status'), q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
};
