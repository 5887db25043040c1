import type { Tool } from '@modelcontextprotocol/client';
import { McpCatalog } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { expect, test } from 'vitest';
import { type AskedForLists, readCatalog } from './catalog.reader.ts';

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: { type: 'object' }, ...more });
/** A server that says this of itself. */
const saying = (tools: readonly Tool[]): AskedForLists => ({
  getServerCapabilities: () => ({ tools: {}, resources: {}, prompts: {} }),
  getServerVersion: () => ({ name: 'n'.repeat(1e6), version: '1' }),
  getNegotiatedProtocolVersion: () => '2025-11-25',
  listTools: async () => ({ tools: [...tools] }),
  listResources: async () => ({ resources: [{ name: 'r', uri: `doc://${'u'.repeat(1e6)}`, description: 'a\0b' }] }),
  listResourceTemplates: async () => ({ resourceTemplates: [{ name: 't', uriTemplate: 'doc://{id}' }] }),
  listPrompts: async () => ({ prompts: [{ name: 'p', arguments: Array.from({ length: 1000 }, (_, index) => ({ name: `a${index}` })) }] }),
});

test('a server that says too much of itself is cut, and said to be', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => tool(`tool-${index}`, { description: 'd'.repeat(10_000) }));
  const catalog = await readCatalog(saying(many), {});
  expect(McpCatalog.parse(catalog)).toMatchObject({ truncated: true });
  expect([catalog.tools.length, catalog.prompts[0]?.arguments.length]).toEqual([500, 100]);
  expect(catalog.tools[0]?.description?.length).toBeLessThan(4_001);
  expect(catalog.server.name.length).toBeLessThan(4_001);
  expect(catalog.resources[0]).toMatchObject({ description: 'ab' });
});

test('what could not be asked for is not offered', async () => {
  const bomb = { type: 'object' as const, description: 'x'.repeat(70_000) };
  const catalog = await readCatalog(saying([tool('good'), tool(''), tool('n'.repeat(201)), tool('nul\0'), tool('bomb', { inputSchema: bomb })]), {});
  expect(catalog.tools.map(({ name }) => name)).toEqual(['good']);
  expect(catalog.truncated).toBe(true);
});

test('what it says of its tools is kept', async () => {
  const { tools } = await readCatalog(
    saying([tool('read', { annotations: { readOnlyHint: true } }), tool('write', { annotations: { destructiveHint: true } })]),
    {},
  );
  expect(tools).toMatchObject([
    { repeatable: true, read_only: true },
    { repeatable: false, destructive: true },
  ]);
});
