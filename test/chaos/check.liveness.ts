import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectMessaging, closeMessaging } from '@agent-platform/messaging/connect';
import { messagingHealth } from '@agent-platform/messaging/lag';
import { readHistory } from './history.ts';
import type { Stack } from './stack.ts';

const PATIENCE_MS = 60_000;

/**
 * P8: with the faults over, every order gets its answer, every run ends (the harness answers for every person and
 * sends every signal, and timers are short, so none may stay open), the stream and every projection and consumer are
 * at the head. Returns what is stuck after 60 s, by name, and how long it took.
 */
export async function settle(stack: Stack, poison: ReadonlySet<string> = new Set()): Promise<{ readonly stuck: readonly string[]; readonly ms: number }> {
  const began = Date.now();
  await stack.cluster.ready();
  let stuck: readonly string[] = [];
  for (;;) {
    await Promise.all(stack.ledger.unsettled().map((order) => stack.clients.send(order)));
    stuck = await look(stack, poison).catch((error: unknown) => [`could not look: ${String(error)}`]);
    const ms = Date.now() - began;
    if (stuck.length === 0) return { stuck, ms };
    if (ms > PATIENCE_MS) return { stuck: [...stuck, ...(await storiesOf(stack, poison))], ms };
    await pause(150);
  }
}

async function look({ ledger, observer, servers }: Stack, poison: ReadonlySet<string>): Promise<string[]> {
  const stuck = ledger.unsettled().map(({ type, id }) => `order ${type} ${id} has no answer`);
  stuck.push(...[...observer.open].filter(([run]) => !poison.has(run)).map(([run, workspace]) => `run ${workspace}/${run} has not ended`));
  const { head, behind } = await projections(servers.databaseUrl);
  stuck.push(...behind);
  const nats = await connectMessaging({ url: servers.natsUrl, name: 'chaos-health' });
  try {
    const { consumers, position } = await messagingHealth(nats);
    if (position !== head) stuck.push(`JetStream stands at position ${position}, the log at ${head}`);
    const { config, state } = await (await jetstreamManager(nats, { checkAPI: false })).streams.info('EVT');
    const wanted = config.max_msgs > 0 ? Math.min(config.max_msgs, head) : head;
    if (state.messages !== wanted) stuck.push(`JetStream holds ${state.messages} events, not ${wanted}`);
    for (const { reader, pending, unsettled } of await live(nats, consumers)) {
      if (pending + unsettled > 0) stuck.push(`consumer ${reader}: ${pending} to come, ${unsettled} in hand`);
    }
  } finally {
    await closeMessaging(nats);
  }
  return stuck;
}

/** What the log knows of the runs that have not ended. */
async function storiesOf({ observer, servers }: Stack, poison: ReadonlySet<string>): Promise<string[]> {
  const { events } = await readHistory(servers.databaseUrl);
  return [...observer.open.keys()]
    .filter((run) => !poison.has(run))
    .map((run) => {
      const about = events.filter(({ stream_id, data }) => stream_id === run || JSON.stringify(data).includes(run));
      return `run ${run}: ${about.map(({ type, data, time }) => `${time.slice(14)} ${type} ${JSON.stringify(data).slice(0, 160)}`).join('\n  ')}`;
    });
}

type Health = Awaited<ReturnType<typeof messagingHealth>>;

/** Readers make a consumer of their own at each start; what a dead one left behind goes by itself after a minute. */
async function live(nats: Parameters<typeof jetstreamManager>[0], consumers: Health['consumers']): Promise<Health['consumers']> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const known = await Promise.all(
    consumers.map(async (one) => ({ one, durable: (await manager.consumers.info(one.stream, one.consumer)).config.durable_name !== undefined })),
  );
  return known.filter(({ one, durable }) => durable || one.waiting > 0).map(({ one }) => one);
}

async function projections(databaseUrl: string): Promise<{ head: number; behind: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; position: number; head: number; left: number }>(`
      select p.name, p.position::float8 as position, s.head::float8 as head, (select count(*)::float8 from event_log.unsequenced) as left
      from read_models.projections p cross join event_log.sequencer s where p.state = 'live'`);
    const behind = rows.flatMap(({ name, position, head }) => (position < head ? [`projection ${name} stands at ${position}, the log at ${head}`] : []));
    if ((rows[0]?.left ?? 0) > 0) behind.push(`${rows[0]?.left} commits have no position`);
    return { head: rows[0]?.head ?? 0, behind };
  } finally {
    await client.end();
  }
}
