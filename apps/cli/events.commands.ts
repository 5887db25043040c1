import { randomUUIDv7 } from 'node:crypto';
import type { Command } from 'commander';
import { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { CliError, usage } from './cli.error.ts';
import { act, type Context, examples, type Terminal } from './context.ts';
import { eventText, readEvent } from './event.text.ts';
import { EXIT } from './exit.code.ts';
import { listen, withNats } from './nats.session.ts';
import { amount, count, streamName } from './option.value.ts';

type StreamName = ReturnType<typeof streamName>;

interface TailOptions {
  readonly subject?: string;
  readonly type?: string;
  readonly category?: string;
  readonly count?: number;
}

interface Range {
  readonly from: number;
  readonly to?: number;
}

const PAGE = 500;

/** `ap events …` */
export function addEventsCommands(program: Command, terminal: Terminal): void {
  const events = program.command('events').description('Watch the log, read streams, replay them');
  examples(events, 'ap events tail --category run', 'ap events show run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b');

  examples(
    events
      .command('tail')
      .description('Events as they happen, from NATS, until Ctrl-C')
      .option('--subject <subject>', 'NATS subject with wildcards, instead of the options below')
      .option('--type <type>', 'event type, e.g. node.completed, or its noun')
      .option('--category <category>', 'kind of stream, e.g. run')
      .option('-n, --count <n>', 'end after so many', count)
      .action(act<[], TailOptions>(terminal, tail)),
    'ap events tail',
    'ap events tail --category run --type node.completed',
    "ap events tail --subject 'evt.acme.*.*.human_task.>' -o jsonl",
  );

  const ofStream = (name: string, description: string): Command =>
    events
      .command(name)
      .argument('<stream>', 'category/id', streamName)
      .description(description)
      .option('--from <version>', 'first version', count, 1)
      .option('--to <version>', 'last version', count);

  examples(
    ofStream('show', 'Events of one stream, from the log').action(act<[StreamName], Range>(terminal, show)),
    'ap events show run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    'ap events show run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --from 10 --to 20 -o jsonl',
  );

  examples(
    ofStream('replay', 'Publish a stream again on a subject for debugging, and show it. Nobody in the platform acts on it')
      .option('--speed <times>', 'how many times as fast as it happened; 0: at once', amount, 0)
      .action(act<[StreamName], Range & { speed: number }>(terminal, replay)),
    'ap events replay run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    'ap events replay run/0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b --from 3 --speed 10',
  );
}

/** Subject of what is to be watched. A type is two tokens, its noun alone stands for all of them. */
export function tailSubject(workspace: string, { subject, type, category }: TailOptions): string {
  if (subject !== undefined) {
    if (type !== undefined || category !== undefined) throw usage('Give --subject, or --type and --category, not both.');
    return subject;
  }
  const tokens = type === undefined ? '>' : type.includes('.') ? type : `${type}.>`;
  return `evt.${workspace}.${category ?? '*'}.*.${tokens}`;
}

async function tail(context: Context, options: TailOptions): Promise<void> {
  const subject = tailSubject(context.workspace, options);
  let seen = 0;
  await withNats(context, (nats) =>
    listen(
      nats,
      subject,
      context.terminal.interrupted,
      (from, text) => {
        const event = readEvent(text);
        context.print(context.format === 'table' ? (event ? eventText(event, context.colors) : `${from}  ${text}`) : text);
        seen += 1;
        return seen === options.count;
      },
      async () => context.terminal.stderr(context.colors.dim(`listening to ${subject} (Ctrl-C ends)\n`)),
    ),
  );
}

const inWorkspace = (context: Context, stream: StreamName): void => {
  if (stream.workspace_id !== undefined && stream.workspace_id !== context.workspace)
    throw usage(`The stream is of workspace "${stream.workspace_id}": add --workspace ${stream.workspace_id}.`);
};

async function show(context: Context, { from, to }: Range, stream: StreamName): Promise<void> {
  inWorkspace(context, stream);
  const items: EventEnvelope[] = [];
  for (let next = from; to === undefined || next <= to;) {
    const page = await context.gateway.list(`/streams/${stream.category}/${stream.stream_id}/events`, { from: next, to, limit: PAGE });
    items.push(...page.items.map((item) => EventEnvelope.parse(item)));
    if (!page.next_cursor) break;
    next = Number(page.next_cursor);
  }
  if (items.length === 0 && from === 1) {
    const detail = `There is no stream "${stream.category}/${stream.stream_id}" in workspace "${context.workspace}".`;
    throw new CliError({ title: 'Not found', detail }, EXIT.missing);
  }
  if (context.format === 'json') return context.print(JSON.stringify({ items }, null, 2));
  for (const event of items) context.print(context.format === 'jsonl' ? JSON.stringify(event) : eventText(event, context.colors));
  if (items.length === 0 && context.format === 'table') context.print(context.colors.dim('(none)'));
}

/** Listens before it asks, so that nothing is missed. */
async function replay(context: Context, { from, to, speed }: Range & { readonly speed: number }, stream: StreamName): Promise<void> {
  inWorkspace(context, stream);
  const { category, stream_id } = stream;
  const replay_id = randomUUIDv7();
  const body = { category, stream_id, replay_id, from, ...(to !== undefined && { to }), speed };
  if (context.curl) return void (await context.gateway.post('/replays', body));
  let expected = Infinity;
  let seen = 0;
  const done = new AbortController();
  await withNats(context, (nats) =>
    listen(
      nats,
      `replay.${replay_id}.>`,
      AbortSignal.any([context.terminal.interrupted, done.signal]),
      (subject, text) => {
        const event = readEvent(text);
        context.print(context.format === 'table' && event ? eventText(event, context.colors) : text);
        seen += 1;
        if (seen === 1) context.terminal.stderr(context.colors.dim(`replayed on ${subject.split('.').slice(0, 2).join('.')}.>\n`));
        return seen >= expected;
      },
      async () => {
        expected = Number((await context.gateway.post('/replays', body))['count']);
        if (expected === 0) done.abort();
      },
    ),
  );
}
