import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import { readHistory } from './history.ts';
import type { Outcome, Scenario } from './scenario.ts';
import type { Stack } from './stack.ts';
import type { Standby } from './standby.ts';

/** The primary dies under load, the standby takes its place, and everybody finds it under the same address. */
const failover = (replication: string, run: (stack: Stack, standby: Standby) => Promise<Outcome>): Scenario => ({
  name: `failover to a standby that follows ${replication}`,
  group: `failover-${replication}`,
  async run(stack) {
    if (!stack.servers.standby) throw new Error('a failover needs servers with a standby');
    return run(stack, stack.servers.standby);
  },
});

const LOAD_MS = 2_000;
const UNHEARD_MS = 1_000;

/** Every answer waited for the standby: nothing that was acknowledged may be missing. */
const synchronous = failover('synchronous', async ({ servers }, standby) => {
  await pause(LOAD_MS);
  await servers.killPostgres();
  const began = Date.now();
  await standby.promote();
  const ms = Date.now() - began;
  await pause(LOAD_MS);
  return { done: true, note: `SIGKILL for the primary; the standby was in charge after ${ms} ms` };
});

/**
 * What the standby had not heard of is lost, whatever was acknowledged. JetStream has it still: the relay must notice, and
 * give no position a second time, until the operator has done what its message says. From then on all promises hold for
 * what is left; only that is judged.
 */
const asynchronous = failover('asynchronous', async (stack, standby) => {
  const { servers, cluster, workload } = stack;
  await pause(LOAD_MS);
  standby.cutOff();
  await pause(UNHEARD_MS);
  await servers.killPostgres();
  await standby.promote();
  const noticed = await refused(join(stack.folder, 'relay.log'));
  await workload.pause();
  await cluster.down();
  await deleteStream(servers.natsUrl);
  const lost = await writeOff(stack);
  await cluster.up();
  workload.start();
  await pause(LOAD_MS);
  const note = `the last ${UNHEARD_MS} ms were lost: ${lost}; ${noticed ? 'the relay refused to go on' : 'NOBODY NOTICED'} until the stream was deleted`;
  return { done: noticed, note };
});

export const failoverScenarios: readonly Scenario[] = [synchronous, asynchronous];

const NOTICE_MS = 30_000;

async function refused(logFile: string): Promise<boolean> {
  for (const end = Date.now() + NOTICE_MS; Date.now() < end; await pause(100)) {
    if (existsSync(logFile) && readFileSync(logFile, 'utf8').includes('stream-ahead-of-log')) return true;
  }
  return false;
}

async function deleteStream(natsUrl: string): Promise<void> {
  const nats = await connect({ servers: natsUrl });
  await (await nats.jetstreamManager()).streams.delete('EVT');
  await nats.close();
}

/** The harness forgets what the log has forgotten. */
async function writeOff({ servers, ledger, observer, person, world }: Stack): Promise<string> {
  const { byId, events, head } = await readHistory(servers.databaseUrl);
  const seen = Math.max(0, ...observer.recordings.flatMap(({ seen: positions }) => [...positions.keys()]));
  const orders = ledger.strike(({ event_id }) => event_id === null || !byId.has(event_id));
  const intents = new Set(events.map(({ data }) => data['key']));
  const calls = world.forget().filter((key) => !intents.has(key)).length;
  person.beginAnew();
  observer.beginAnew();
  return `${seen - head} positions, ${orders} acknowledged orders, the intents of ${calls} calls`;
}
