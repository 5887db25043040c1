import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import type { Scenario } from './scenario.ts';

/** Far less than comes in while nobody reads. */
const KEPT = 20;
const AWAY_MS = 4_000;
/** Longer than the relay waits for an answer. */
const FULL_MS = 10_000;

export const jetstreamScenarios: readonly Scenario[] = [
  {
    /** The server drops the oldest events (its limit, or an operator's), also those that nobody has read: the log has them. */
    name: 'jetstream keeps few events while their readers are away',
    group: 'jetstream-limits',
    async run({ servers, cluster, workload }) {
      await limit(servers.natsUrl);
      const readers = cluster.places.filter((place) => /^(executor|projector)/.test(place));
      await cluster.down(readers);
      void workload.begin('parallel', 2 * KEPT);
      await pause(AWAY_MS);
      const lost = await dropped(servers.natsUrl);
      await cluster.up(readers);
      return { done: lost > 0, note: `the newest ${KEPT} events only, ${readers.join(', ')} down for ${AWAY_MS / 1000} s; it dropped ${lost}` };
    },
  },
  {
    /** Orders, runs and their effects go on without JetStream: the log is the outbox. With room again it is started and filled. */
    name: 'jetstream has no room on its disk',
    group: 'jetstream-disk',
    async run({ servers, folder }) {
      if (!servers.natsDisk) throw new Error('this scenario needs NATS on a small disk');
      servers.natsDisk.fill();
      await pause(FULL_MS);
      const stopped = readFileSync(join(folder, 'relay.log'), 'utf8').includes('the relay could not go on');
      servers.natsDisk.free();
      await servers.killNats();
      await servers.startNats();
      return { done: stopped, note: `no room for ${FULL_MS / 1000} s; the relay waited, and nats-server was started again` };
    },
  },
];

async function limit(natsUrl: string): Promise<void> {
  const nats = await connect({ servers: natsUrl });
  await (await nats.jetstreamManager()).streams.update('EVT', { max_msgs: KEPT });
  await nats.close();
}

async function dropped(natsUrl: string): Promise<number> {
  const nats = await connect({ servers: natsUrl });
  const { state } = await (await nats.jetstreamManager()).streams.info('EVT');
  await nats.close();
  return state.first_seq - 1;
}
