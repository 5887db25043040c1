import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import type { Evidence } from './promise.ts';
import type { History, LoggedCommand } from './history.ts';
import { streamKey } from './history.ts';
import { type Entry, type Order, settledBy } from './ledger.ts';

/** The gateway makes the command id from the key. */
const commandIdOf = ({ via, workspace, id }: Order): string => (via === 'http' ? deterministicUuid(`${workspace}/idempotency-key/${id}`) : id);
const commandOf = (history: History, order: Order): LoggedCommand | undefined => history.commands.get(`${order.workspace}/${commandIdOf(order)}`);
const name = ({ workspace, type, id }: Order): string => `${workspace}/${type} ${id}`;

/** P1: every `ok` is found by event id, where it was said to be, with what was ordered in it. */
export function acknowledgedIsFound({ history, entries }: Evidence): string[] {
  return entries.flatMap((entry) => {
    const settled = settledBy(entry);
    if (settled?.status !== 'ok') return [];
    const { event_id, version } = settled.reply;
    if (event_id === null) return [];
    const event = history.byId.get(event_id);
    if (!event) return [`${name(entry.order)}: acknowledged event ${event_id} is not in the log`];
    if (event.position === null) return [`${name(entry.order)}: acknowledged event ${event_id} has no position`];
    if (event.version !== version) return [`${name(entry.order)}: acknowledged at version ${version}, found at ${event.version}`];
    return sameContent(history, entry);
  });
}

/** The order's own mark is in the stream it was acknowledged for. */
function sameContent(history: History, { order, answers }: Entry): string[] {
  const ok = answers.find((answer) => answer.status === 'ok');
  if (order.type !== 'run.create' || ok?.status !== 'ok') return [];
  const created = history.streams.get(`${order.workspace}/run/${ok.reply.id}`)?.[0];
  const same = JSON.stringify(created?.data['input']) === JSON.stringify(order.data['input']);
  return same ? [] : [`${name(order)}: run ${ok.reply.id} was created with another input`];
}

/** P2: a command's events are one append, complete; a refused command has none. */
export function allOrNone({ history, entries }: Evidence): string[] {
  const wrong: string[] = [];
  for (const entry of entries) {
    const command = commandOf(history, entry.order);
    const settled = settledBy(entry);
    if (settled?.status === 'fail' && command)
      wrong.push(`${name(entry.order)}: refused with ${settled.code}, and yet ${command.event_count} events are in the log`);
    if (!command) continue;
    const stream = history.streams.get(streamKey(command)) ?? [];
    const own = stream.filter(({ id }) => id.slice(0, 33) === command.append_id.slice(0, 33));
    const versions = own.map(({ version }) => version);
    const promised = Array.from({ length: command.event_count }, (_, i) => command.first_version + i);
    if (JSON.stringify(versions) !== JSON.stringify(promised))
      wrong.push(`${name(entry.order)}: events ${promised.join()} were declared, ${versions.join() || 'none'} are there`);
    if (entry.order.type === 'run.create') wrong.push(...wholeCreation(entry, own));
  }
  return wrong;
}

/** Counted without the log's own books: a creation is `run.created` and one `node.queued` per first node. */
function wholeCreation({ order }: Entry, own: History['events']): string[] {
  const entry = own[0]?.data['entry'] as readonly unknown[] | undefined;
  return own.length === 1 + (entry?.length ?? Number.NaN) ? [] : [`${name(order)}: ${own.length} events for ${entry?.length ?? 'no'} first nodes`];
}

/** P4: whoever asks again under the same key is told the same, and the thing is done once. */
export function sameKeySameAnswer({ history, entries }: Evidence): string[] {
  const wrong: string[] = [];
  const marks = new Map<string, number>();
  for (const event of history.events) {
    if (event.type !== 'run.created') continue;
    const op = (event.data['input'] as { op?: string } | undefined)?.op;
    if (op !== undefined) marks.set(op, (marks.get(op) ?? 0) + 1);
  }
  for (const { order, answers } of entries) {
    const told = new Set(
      answers.flatMap((answer) => (answer.status === 'unknown' ? [] : [JSON.stringify(answer.status === 'ok' ? answer.reply : answer.status)])),
    );
    if (told.size > 1) wrong.push(`${name(order)}: was told ${[...told].join(' and ')}`);
    const op = (order.data['input'] as { op?: string } | undefined)?.op;
    const done = op === undefined ? 0 : (marks.get(op) ?? 0);
    if (done > 1) wrong.push(`${name(order)}: ${done} runs were created under one key`);
  }
  return wrong;
}
