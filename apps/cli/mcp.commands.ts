import type { Command } from 'commander';
import { z } from 'zod';
import { act, type Context, examples, type Terminal } from './context.ts';
import { EXIT } from './exit.code.ts';
import { count, keyValue } from './option.value.ts';
import type { Column } from './output.ts';
import { readAfter } from './read-after.ts';

const SERVERS: readonly Column[] = [
  ['ID', 'id'],
  ['NAME', 'name'],
  ['STATUS', 'status'],
  ['DISCOVERED', 'discovered_at'],
  ['UPDATED', 'updated_at'],
];
const SIGN_IN: readonly Column[] = [
  ['Open', 'authorization_url'],
  ['Until', 'authorization_expires_at'],
  ['At', 'issuer'],
];
const ANSWER: readonly Column[] = [
  ['Status', 'status'],
  ['Answer', 'output_text'],
  ['Error', 'error'],
  ['Took (ms)', 'latency_ms'],
];
/** What a server offers, and how it is shown. */
const OFFERS = {
  tools: [
    ['NAME', 'name'],
    ['REPEATABLE', 'repeatable'],
    ['DESCRIPTION', 'description'],
  ],
  resources: [
    ['URI', 'uri'],
    ['NAME', 'name'],
    ['TYPE', 'mime_type'],
  ],
  prompts: [
    ['NAME', 'name'],
    ['ARGUMENTS', 'arguments'],
    ['DESCRIPTION', 'description'],
  ],
} as const satisfies Readonly<Record<string, readonly Column[]>>;
type Offer = keyof typeof OFFERS;

const Rows = z.array(z.record(z.string(), z.json()));
const Catalog = z.object({ tools: Rows, resources: Rows, prompts: Rows }).nullable();

interface AskOptions {
  readonly input?: Readonly<Record<string, unknown>>;
}

/** `ap mcp …`: MCP servers of others, what they offer, and their answers. */
export function addMcpCommands(program: Command, terminal: Terminal): void {
  const group = examples(
    program.command('mcp').description('MCP servers whose tools, resources and prompts workflows can use'),
    'ap mcp list',
    'ap mcp tools docs',
    'ap mcp call docs search -i query=geese',
  );
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
      .command('authorize')
      .description('the address at which you sign in at a server that wants a person to; open it in a browser')
      .argument('<server>', 'id of the server')
      .action(
        act<[string]>(terminal, async (context, _options, id) =>
          context.printItem(await context.gateway.post(`/mcp/servers/${encodeURIComponent(id)}/authorization`, {}), SIGN_IN),
        ),
      ),
    'ap mcp authorize docs',
  );
  for (const offer of Object.keys(OFFERS) as Offer[]) addOffer(group, terminal, offer);
  addAsk(group, terminal, { command: 'call', field: 'tool', says: 'call a tool of a server, and show its answer' }, 'ap mcp call docs search -i query=geese');
  addAsk(group, terminal, { command: 'read', field: 'resource', says: 'read a resource of a server, by its URI' }, 'ap mcp read docs docs://handbook');
  addAsk(group, terminal, { command: 'prompt', field: 'prompt', says: 'get a prompt of a server' }, 'ap mcp prompt docs summarize -i style=short');
}

function addOffer(group: Command, terminal: Terminal, offer: Offer): void {
  examples(
    group
      .command(offer)
      .description(`${offer} of a server, as it describes them`)
      .argument('<server>', 'id of the server')
      .action(
        act<[string]>(terminal, async (context, _options, id) => {
          const after = context.curl ? {} : await readAfter(context.gateway, 'mcp_server', id);
          const server = await context.gateway.get(`/mcp/servers/${encodeURIComponent(id)}`, after);
          context.printList({ items: Catalog.parse(server['catalog'])?.[offer] ?? [] }, OFFERS[offer]);
        }),
      ),
    `ap mcp ${offer} docs`,
  );
}

interface Ask {
  readonly command: string;
  readonly field: 'tool' | 'resource' | 'prompt';
  readonly says: string;
}

function addAsk(group: Command, terminal: Terminal, { command, field, says }: Ask, example: string): void {
  const asking = group.command(command).description(says).argument('<server>', 'id of the server').argument(`<${field}>`, 'as the server lists it');
  if (field !== 'resource') asking.option('-i, --input <key=value>', 'one argument; may be repeated', keyValue);
  examples(
    asking.action(act<[string, string], AskOptions>(terminal, (context, { input }, id, name) => ask(context, id, { [field]: name, ...(input && { input }) }))),
    example,
  );
}

async function ask(context: Context, id: string, body: Readonly<Record<string, unknown>>): Promise<number> {
  const answer = await context.gateway.post(`/mcp/servers/${encodeURIComponent(id)}/calls`, body);
  context.printItem(answer, ANSWER);
  return answer['status'] === 'completed' ? EXIT.ok : EXIT.failure;
}
