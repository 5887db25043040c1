import { createServer } from 'node:net';
import { openClient } from './client.ts';
import { keepUp, longLog, parkedMemory } from './limits.bench.ts';
import { eventLog } from './log.bench.ts';
import { recovery } from './recovery.bench.ts';
import { buildRoles, type RoleName, startRole } from './roles.ts';
import { runStandalone } from './standalone.ts';
import { parallel, parked, sequential, type Workload } from './runs.bench.ts';

/*
 * One workload of the peers' protocol on the whole platform: WORKLOAD, SCALE, DATABASE_URL and NATS_URL in, JSON lines
 * out. Every role is a process of its own, started as in production. See README.md for what is durable when.
 */
const { WORKLOAD: workload = 'w1', SCALE = '1', DATABASE_URL, NATS_URL, MAX_SECONDS = '45' } = process.env;
if (!DATABASE_URL || !NATS_URL) process.exit(await runStandalone(process.argv.slice(2)));
// The harness holds the other end of this pipe: when it is gone, so are we.
process.stdin.resume().on('end', () => process.exit(1));

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const worldPort = await freePort();
const env: NodeJS.ProcessEnv = {
  AGENT_PLATFORM_DATABASE_URL: DATABASE_URL,
  AGENT_PLATFORM_NATS_URL: NATS_URL,
  AGENT_PLATFORM_NODES: new URL('./step.nodes.ts', import.meta.url).pathname,
  AGENT_PLATFORM_EGRESS_ALLOW: `127.0.0.1:${worldPort}`,
};
const start = (name: RoleName) => startRole(name, env);

buildRoles();
// The first role migrates an empty database; the others find it done.
await start('relay');
if (workload === 'w5' || workload === 'long-log') {
  await start('projector');
  await (workload === 'w5' ? eventLog(DATABASE_URL, Number(SCALE), Number(MAX_SECONDS)) : longLog(DATABASE_URL, Number(SCALE)));
} else {
  const [executor] = await Promise.all([start('executor'), start('commands'), start('projector'), start('scheduler')]);
  const client = await openClient(NATS_URL);
  const on: Workload = { client, scale: Number(SCALE), maxSeconds: Number(MAX_SECONDS) };
  const workloads: Record<string, () => Promise<void>> = {
    w1: () => sequential(on, 'w1', { total: 500, steps: 10, limit: 50, warmUp: 50, least: 50 }),
    w2: () => sequential(on, 'w2', { total: 50, steps: 10, limit: 1, warmUp: 10, least: 5 }),
    w3: () => sequential(on, 'w3', { total: 2000, steps: 1, limit: 50, warmUp: 200, least: 50 }),
    w4: () => parallel(on),
    w6: () => parked(on),
    'keep-up': () => keepUp(on, DATABASE_URL),
    'parked-memory': () => parkedMemory(on, executor.pid),
    w7: () => recovery(on, executor, env, worldPort),
  };
  await workloads[workload]?.();
}
process.exit(0);
