import type { Command } from 'commander';
import { z } from 'zod';
import { act, examples, type Terminal } from './context.ts';
import { count } from './option.value.ts';
import type { Column } from './output.ts';
import { readAfter } from './read-after.ts';

const SERVERS: readonly Column[] = [
  ['ID', 'id'],
  ['NAME', 'name'],
  ['STATUS', 'status'],
  ['DISCOVERED', 'discovered_at'],
  ['UPDATED', 'updated_at'],
];
const TOOLS: readonly Column[] = [
  ['NAME', 'name'],
  ['REPEATABLE', 'repeatable'],
  ['DESCRIPTION', 'description'],
];
const Catalog = z.object({ tools: z.array(z.record(z.string(), z.json())) }).nullable();

/** `ap mcp …`: MCP servers of others, and what they offer. */
export function addMcpCommands(program: Command, terminal: Terminal): void {
  const group = examples(program.command('mcp').description('MCP servers whose tools workflows can call'), 'ap mcp list', 'ap mcp tools docs');
  examples(
    group
      .command('list')
      .description('MCP servers, newest first')
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { limit: number }>(terminal, async (context, { limit }) => context.printList(await context.gateway.list('/mcp/servers', { limit }), SERVERS)),
      ),
    'ap mcp list',
  );
  examples(
    group
      .command('discover')
      .description('look up again what a server offers, in the background')
      .argument('<server>', 'id of the server')
      .action(
        act<[string]>(terminal, async (context, _options, id) =>
          context.printItem(await context.gateway.post(`/mcp/servers/${encodeURIComponent(id)}/refresh`, {}), SERVERS.slice(0, 3)),
        ),
      ),
    'ap mcp discover docs',
  );
  examples(
    group
      .command('tools')
      .description('tools of a server, as it describes them')
      .argument('<server>', 'id of the server')
      .action(
        act<[string]>(terminal, async (context, _options, id) => {
          const after = context.curl ? {} : await readAfter(context.gateway, 'mcp_server', id);
          const server = await context.gateway.get(`/mcp/servers/${encodeURIComponent(id)}`, after);
          context.printList({ items: Catalog.parse(server['catalog'])?.tools ?? [] }, TOOLS);
        }),
      ),
    'ap mcp tools docs',
  );
}
