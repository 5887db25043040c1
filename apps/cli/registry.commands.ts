import type { Command } from 'commander';
import { act, examples, type Terminal } from './context.ts';
import { count } from './option.value.ts';
import type { Column } from './output.ts';

const TOOLS: readonly Column[] = [
  ['ID', 'id'],
  ['CODE', 'code'],
  ['NAME', 'name'],
  ['TYPE', 'tool_type'],
  ['VERSIONS', 'latest_number'],
  ['UPDATED', 'updated_at'],
];
const APPS: readonly Column[] = [
  ['ID', 'id'],
  ['CODE', 'code'],
  ['NAME', 'name'],
  ['VERSIONS', 'latest_number'],
  ['UPDATED', 'updated_at'],
];

/** `ap tool …` and `ap app …` */
export function addRegistryCommands(program: Command, terminal: Terminal): void {
  addList(program, terminal, { noun: 'tool', path: '/tools', what: 'Tools that workflows can call', columns: TOOLS });
  addList(program, terminal, { noun: 'app', path: '/workflows/apps', what: 'Apps: what workflow versions are put together as', columns: APPS });
}

function addList(
  program: Command,
  terminal: Terminal,
  about: { readonly noun: string; readonly path: string; readonly what: string; readonly columns: readonly Column[] },
): void {
  const { noun, path, what, columns } = about;
  const group = examples(program.command(noun).description(what), `ap ${noun} list`);
  examples(
    group
      .command('list')
      .description(`${what}, newest first`)
      .option('-q, --search <text>', 'part of the name')
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { search?: string; limit: number }>(terminal, async (context, { search, limit }) =>
          context.printList(await context.gateway.list(path, { q: search, limit }), columns),
        ),
      ),
    `ap ${noun} list`,
    `ap ${noun} list --search shop -o json`,
  );
}
