import type { Command } from 'commander';
import { usage } from './cli.error.ts';
import { act, type Context, examples, type Terminal } from './context.ts';
import { withNats } from './nats.session.ts';
import { count } from './option.value.ts';
import type { Column, Row } from './output.ts';

/** Loaded when it is needed, as in nats.session.ts. */
const letters = () => import('@agent-platform/messaging/dead-letters');

const LETTERS: readonly Column[] = [
  ['ID', 'id'],
  ['TIME', 'time'],
  ['CONSUMER', 'consumer'],
  ['SUBJECT', 'subject'],
  ['TRIES', 'deliveries'],
  ['CODE', 'code'],
  ['MESSAGE', 'message'],
];
const LETTER: readonly Column[] = [
  ['Id', 'id'],
  ['Consumer', 'consumer'],
  ['Subject', 'subject'],
  ['Message id', 'message_id'],
  ['Time', 'time'],
  ['Tries', 'deliveries'],
  ['Code', 'code'],
  ['Message', 'message'],
  ['Headers', 'headers'],
  ['Payload', 'payload'],
];

/** `ap dead …` */
export function addDeadCommands(program: Command, terminal: Terminal): void {
  const dead = program.command('dead').description('Messages that a consumer gave up on, and their way back');
  examples(dead, 'ap dead list', 'ap dead redrive 12');

  examples(
    dead
      .command('list')
      .description('Dead letters of the workspace, oldest first')
      .option('--all', 'of all workspaces')
      .option('--after <id>', 'only those after this one', count)
      .option('-n, --limit <n>', 'at most so many', count, 50)
      .action(
        act<[], { all?: boolean; after?: number; limit: number }>(terminal, async (context, { all, after, limit }) => {
          const options = { ...(!all && { workspaceId: context.workspace }), ...(after !== undefined && { after }), limit };
          const items = await withNats(context, async (nats) => (await letters()).listDeadLetters(nats, options));
          context.printList({ items: items as unknown as readonly Row[] }, LETTERS);
        }),
      ),
    'ap dead list',
    'ap dead list --all -o jsonl',
  );
  examples(
    dead
      .command('show')
      .argument('<id>', 'number of the dead letter', count)
      .description('One dead letter, with its headers and payload')
      .action(
        act<[number]>(terminal, async (context, _options, id) =>
          context.printItem({ ...(await withNats(context, async (nats) => (await letters()).getDeadLetter(nats, id))) }, LETTER),
        ),
      ),
    'ap dead show 12',
  );
  examples(
    dead
      .command('redrive')
      .argument('[id]', 'number of the dead letter', count)
      .option('--all', 'every one of the workspace')
      .description('Give dead letters back to the consumer that gave up on them, and to nobody else')
      .action(act<[number?], { all?: boolean }>(terminal, redrive)),
    'ap dead redrive 12',
    'ap dead redrive --all',
  );
}

async function redrive(context: Context, options: { readonly all?: boolean }, id?: number): Promise<void> {
  if ((id === undefined) === (options.all === undefined)) throw usage('Name one dead letter, or give --all.');
  await withNats(context, async (nats) => {
    const { listDeadLetters, redriveDeadLetter, whyNotRedriven } = await letters();
    // One that can't go back must not keep the others here.
    const all = async () => (await listDeadLetters(nats, { workspaceId: context.workspace, limit: 1000 })).filter((letter) => whyNotRedriven(letter) === null);
    const ids = id === undefined ? (await all()).map((letter) => letter.id) : [id];
    const items: Row[] = [];
    for (const one of ids) items.push({ ...(await redriveDeadLetter(nats, one)) });
    context.printList({ items }, [
      ['ID', 'id'],
      ['CONSUMER', 'consumer'],
      ['SUBJECT', 'subject'],
    ]);
  });
}
