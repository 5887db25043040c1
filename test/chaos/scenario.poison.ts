import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import pg from 'pg';
import { createEventLog } from '@agent-platform/event-log/index';
import type { Scenario } from './scenario.ts';
import type { Servers } from './servers.ts';

/** Events no code of today can take, each in a stream of its own. */
const KINDS: Readonly<Record<string, { type: string; schema_version: number; data: Readonly<Record<string, unknown>> }>> = {
  'data of another shape': { type: 'run.created', schema_version: 1, data: { garbage: true } },
  'a workflow that is not in the log': {
    type: 'run.created',
    schema_version: 1,
    data: {
      workflow: { workflow_id: 'none', workflow_version_id: 'none', number: 1, definition_version: 1 },
      app_id: null,
      app_version_id: null,
      session_id: null,
      input: {},
      entry: [],
      initial_node: null,
      held: false,
    },
  },
  'a type nobody knows': { type: 'node.exploded', schema_version: 1, data: { node_id: 'n' } },
  'a version of the future': { type: 'run.created', schema_version: 99, data: { later: { shape: 1 } } },
  'text where time belongs': {
    type: 'node.waiting',
    schema_version: 1,
    data: { node_id: 'n', node_type: 'delay', attempt: 1, wait: { for: 'timer', detail: {} }, due_at: 'soon', timer_id: randomUUID() },
  },
};

/** P11: what stands in the log and can't be taken is set aside, and everything else goes on. */
export const poisonScenario: Scenario = {
  name: 'poison events',
  group: 'faults',
  async run({ servers }) {
    const log = await createEventLog({ url: servers.databaseUrl, connections: 1 });
    const poison: string[] = [];
    for (const event of Object.values(KINDS)) {
      const stream_id = `poison-${randomUUID()}`;
      poison.push(stream_id);
      await log.append({
        stream: { workspace_id: 'a', category: 'run', stream_id },
        expected: 0,
        events: [event],
        cause: { actor: 'chaos', correlation_id: 'poison' },
      });
    }
    await log.close();
    return { done: true, note: `${poison.length} kinds of events that can't be taken`, poison };
  },
};

/** The poison was set aside, by projections and by executors, and nothing but poison was. */
export async function setAside(servers: Servers, poison: ReadonlySet<string>): Promise<string[]> {
  const [inQuarantine, dead] = await Promise.all([quarantined(servers.databaseUrl), deadSubjects(servers.natsUrl)]);
  const wrong = [
    ...inQuarantine.flatMap(({ stream_id, what }) => (poison.has(stream_id) ? [] : [`in quarantine, and healthy: ${what}`])),
    ...dead.flatMap((subject) => (poison.has(subject.split('.')[3] ?? '') ? [] : [`a dead letter, and healthy: ${subject}`])),
  ];
  if (poison.size > 0 && inQuarantine.length === 0) wrong.push('no projection put any of the poison into quarantine');
  if (poison.size > 0 && dead.length === 0) wrong.push('no executor put any of the poison among the dead letters');
  return wrong;
}

async function quarantined(databaseUrl: string): Promise<{ stream_id: string; what: string }[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ stream_id: string; what: string }>(`
      select coalesce(e.stream_id, '') as stream_id, q.projection || ' at ' || q.position || ': ' || q.error as what
      from read_models.quarantine q left join event_log.events e on e.position = q.position`);
    return rows;
  } finally {
    await client.end();
  }
}

/** `dead.<workspace>.<category>.<id>.<noun>.<verb>`. */
async function deadSubjects(natsUrl: string): Promise<string[]> {
  const nats = await connect({ servers: natsUrl });
  try {
    const { state } = await (await nats.jetstreamManager()).streams.info('DEAD', { subjects_filter: '>' });
    return Object.keys(state.subjects ?? {});
  } finally {
    await nats.close();
  }
}
