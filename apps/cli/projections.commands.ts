import type { Command } from 'commander';
import type { Projection } from '@agent-platform/kernel/index';
import { CliError } from './cli.error.ts';
import { act, type Context, examples, type Terminal } from './context.ts';
import { EXIT } from './exit.code.ts';
import { withDatabase } from './postgres.session.ts';

const NEEDS = '\nWorks on Postgres itself: needs AGENT_PLATFORM_DATABASE_URL. "ap up" and npm start show that of the built-in one.';

/** `ap projections …` */
export function addProjectionsCommands(program: Command, terminal: Terminal): void {
  const projections = program.command('projections').description('Where the read models stand; build them anew, prove them');
  examples(projections, 'ap projections status', 'ap projections verify');

  examples(projections.command('status').description('Position and lag of every read model').action(act<[]>(terminal, status)), 'ap projections status');
  examples(
    projections
      .command('rebuild <name>')
      .description('Build a read model from the log beside the live one, and swap them in one transaction')
      .addHelpText('after', NEEDS)
      .action(act<[string]>(terminal, rebuildOne)),
    'ap projections rebuild run',
  );
  examples(
    projections
      .command('verify [name]')
      .description('Prove that the live tables are what the log says, row by row; without a name all of them')
      .addHelpText('after', NEEDS)
      .action(act<[string?]>(terminal, verifyAll)),
    'ap projections verify',
    'ap projections verify run -o json',
  );
}

function find(projections: readonly Projection[], name: string): Projection {
  const found = projections.find((projection) => projection.name === name);
  if (found) return found;
  throw new CliError(
    { title: 'Not found', detail: `There is no projection "${name}". There are: ${projections.map((one) => one.name).join(', ')}.` },
    EXIT.missing,
  );
}

async function status(context: Context): Promise<void> {
  const page = await context.gateway.list('/projections');
  context.printList(page, [
    ['NAME', 'name'],
    ['VERSION', 'version'],
    ['STATE', 'state'],
    ['POSITION', 'position'],
    ['LAG', 'lag'],
  ]);
  if (context.format === 'table') context.print(context.colors.dim(`head of the log: ${String(page['head'])}`));
}

async function rebuildOne(context: Context, _options: object, name: string): Promise<void> {
  const { rebuild } = await import('@agent-platform/runtime/rebuild');
  await withDatabase(context, async ({ pool, log, projections, logger, readWithin }) => {
    const projection = find(projections, name);
    const onProgress = (position: number, head: number) => context.terminal.stderr(context.colors.dim(`${name}: ${position} of ${head}\n`));
    const position = await rebuild({ pool, log, projection, logger, onProgress, readWithin });
    context.printItem({ name, position, status: 'live' }, [
      ['Projection', 'name'],
      ['Status', 'status'],
      ['Position', 'position'],
    ]);
  });
}

async function verifyAll(context: Context, _options: object, name?: string): Promise<number> {
  const { verify } = await import('@agent-platform/runtime/rebuild');
  return withDatabase(context, async ({ pool, log, projections, logger, readWithin }) => {
    const items: Record<string, unknown>[] = [];
    for (const projection of name === undefined ? projections : [find(projections, name)]) {
      const { position, tables } = await verify({ pool, log, projection, logger, readWithin });
      for (const { table, rows, live, rebuilt } of tables)
        items.push({ name: projection.name, table, rows, position, status: live === rebuilt ? 'ok' : 'fail', live, rebuilt });
    }
    context.printList({ items }, [
      ['NAME', 'name'],
      ['TABLE', 'table'],
      ['ROWS', 'rows'],
      ['POSITION', 'position'],
      ['EQUAL', 'status'],
      ['DIGEST', 'live'],
    ]);
    const bad = [...new Set(items.filter((item) => item['status'] === 'fail').map((item) => String(item['name'])))];
    for (const one of bad) context.terminal.stderr(`${one} differs from the log. Remedy: ap projections rebuild ${one}\n`);
    return bad.length === 0 ? EXIT.ok : EXIT.failure;
  });
}
