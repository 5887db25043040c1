import type { McpCatalog } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { McpServerView } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mcpServerDecider } from './mcp-server.decider.ts';
import { mcpServerProjection } from './mcp-server.projection.ts';
import type { McpServerCommand, McpServerEvent } from './mcp-server.state.ts';

const { given } = specFor(mcpServerDecider);
const config = { transport: 'streamable_http', url: 'https://docs.example/mcp' } as const;
const catalog: McpCatalog = { server: { name: 'docs', version: '1', protocol_version: null }, tools: [], resources: [], prompts: [], truncated: false };
const error = { code: 'mcp-unreachable', message: 'It is away.' };

const create = { type: 'mcp_server.create', data: { name: 'Docs', config } } as const;
const refresh = { type: 'mcp_server.refresh', data: { mcp_server_id: 'it' } } as const;
const remove = { type: 'mcp_server.delete', data: { mcp_server_id: 'it' } } as const;
const advance = { type: 'mcp_server.advance', data: {} } as const;
const recover = { type: 'mcp_server.recover', data: {} } as const;
const record = (attempt: number, discovery = 1) =>
  ({ type: 'mcp_server.record', data: { discovery, attempt, outcome: { status: 'completed', catalog } } }) as const;
const broke = { type: 'mcp_server.record', data: { discovery: 1, attempt: 1, outcome: { status: 'failed', error } } } as const;

const created: McpServerEvent = { type: 'mcp_server.created', data: { name: 'Docs', config } };
const started = (attempt: number, discovery = 1): McpServerEvent => ({ type: 'mcp_server.discovery_started', data: { discovery, attempt } });
const discovered: McpServerEvent = { type: 'mcp_server.discovered', data: { discovery: 1, catalog } };
const failed: McpServerEvent = { type: 'mcp_server.discovery_failed', data: { discovery: 1, error } };
const wanted: McpServerEvent = { type: 'mcp_server.refresh_requested', data: {} };
const deleted: McpServerEvent = { type: 'mcp_server.deleted', data: {} };

test('a server is named once, and never again under its id', () => {
  given().when(create).then(created);
  given(created).when(create).thenRejected('mcp-server-exists');
  given(created, deleted).when(create).thenRejected('mcp-server-exists');
});

test('it is asked what it offers; what comes late or twice changes nothing', () => {
  given(created).when(advance).then(started(1));
  given(created, started(1)).when(advance).then();
  given(created, started(1)).when(record(1)).then(discovered);
  given(created, started(1)).when(broke).then(failed);
  given(created, started(1), started(2)).when(record(1)).then();
  given(created, started(1), discovered).when(record(1)).then();
  given(created, started(1), deleted).when(record(1)).then();
});

test('after a crash it is asked again, but not for ever', () => {
  expect(given(created, started(1)).when(recover).decision).toEqual([started(2)]);
  given(created).when(recover).then();
  expect(given(created, started(5)).when(recover).decision).toMatchObject([
    { type: 'mcp_server.discovery_failed', data: { discovery: 1, error: { code: 'mcp-discovery-crashed' } } },
  ]);
});

test('refresh asks again, once', () => {
  given(created, started(1), discovered).when(refresh).then(wanted);
  given(created, started(1), failed).when(refresh).then(wanted);
  given(created).when(refresh).then();
  given(created, started(1), discovered, wanted).when(advance).then(started(1, 2));
  given().when(refresh).thenRejected('mcp-server-not-found');
});

test('delete deletes once', () => {
  given(created).when(remove).then(deleted);
  given(created, deleted).when(remove).then();
  given(created, deleted).when(refresh).thenRejected('mcp-server-not-found');
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(
    mcpServerDecider,
    fc.constantFrom<Pick<McpServerCommand, 'type' | 'data'>>(create, refresh, remove, advance, record(1), record(1, 2), broke),
  );
});

test('rows have the fields of the view; what was known stays when a discovery fails', () => {
  const events = [created, started(1), discovered, wanted, started(1, 2), failed];
  const { mcp_servers: rows } = tablesOf(mcpServerProjection, events, { stream_id: 'docs' });
  expect(McpServerView.parse(rows?.[0])).toMatchObject({ id: 'docs', status: 'failed', catalog, error, version: 6 });
  expect(tablesOf(mcpServerProjection, [...events, deleted])['mcp_servers']).toEqual([]);
});
