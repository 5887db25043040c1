import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { judge, type Verdict } from './checker.ts';
import { growthOf, readingsIn, READINGS_FILE } from './growth.ts';
import { PROMISES } from './promise.ts';
import { faultScenarios } from './scenario.faults.ts';
import { networkScenarios } from './scenario.network.ts';
import type { Scenario } from './scenario.ts';
import { startStack } from './stack.ts';

/*
 * `npm run soak [-- --minutes <number> --seed <number>]`: an hour under load with a fault a minute. Ends with 1 when a
 * promise was broken, or when the memory of a role grew all the time. See README.md.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'soak-'));

const FAULT_EVERY_MS = 60_000;
const JUDGED_EVERY_MS = 10 * 60_000;
const WARM_UP_MS = Math.min(10, minutes / 4) * 60_000;
const MOST_MB_PER_MINUTE = 1;
const MOST_HANDLES_PER_MINUTE = 1;

/** Faults that leave the roles alive, whose memory is watched, and the death of one of two executors. */
const LEAVES_ROLES_ALIVE = /postgres killed|nats killed|connections to postgres|paused/;
const faults: readonly Scenario[] = [
  ...faultScenarios.filter(({ name }) => LEAVES_ROLES_ALIVE.test(name)),
  ...networkScenarios,
  {
    name: 'executor killed',
    group: 'soak',
    async run({ cluster }) {
      await cluster.kill('executor-2');
      return { done: true, note: 'SIGKILL' };
    },
  },
];

const told = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
console.log(`seed ${seed}, ${minutes} minutes, logs, ledger and readings in ${folder}`);
const readings = (place: string) => join(folder, `${place}.memory.jsonl`);
const shim = new URL('./memory.shim.ts', import.meta.url).href;
const stack = await startStack({ seed, folder, links: true, envOf: (place) => ({ NODE_OPTIONS: `--import=${shim}`, [READINGS_FILE]: readings(place) }) });

async function judged(): Promise<Verdict> {
  const verdict = await judge(stack);
  const broken = verdict.violations.map(({ promise, what }) => `\n  ${promise} (${PROMISES[promise]}): ${what}`);
  told(`${verdict.events} events, ${verdict.orders} orders: ${broken.length === 0 ? 'every promise kept' : `BROKEN${broken.slice(0, 20).join('')}`}`);
  return verdict;
}

const until = Date.now() + minutes * 60_000;
let kept = true;
let judgedAt = Date.now();
while (kept && Date.now() < until) {
  stack.workload.start();
  await pause(Math.min(FAULT_EVERY_MS, Math.max(0, until - Date.now())));
  const fault = stack.random.pick(faults);
  const { note } = await fault.run(stack);
  told(`${fault.name}: ${note}`);
  if (Date.now() - judgedAt < JUDGED_EVERY_MS) continue;
  kept = (await judged()).violations.length === 0;
  judgedAt = Date.now();
}
if (kept) kept = (await judged()).violations.length === 0;
await stack.close();

let flat = true;
for (const place of stack.cluster.places) {
  const growth = growthOf(readingsIn(readings(place)), WARM_UP_MS);
  if (!growth) {
    told(`${place.padEnd(12)} did not live long enough for a figure`);
    continue;
  }
  const grows = growth.mbPerMinute > MOST_MB_PER_MINUTE || growth.handlesPerMinute > MOST_HANDLES_PER_MINUTE;
  flat &&= !grows;
  const { firstMb, lastMb, mbPerMinute, handlesPerMinute } = growth;
  told(
    `${place.padEnd(12)} ${firstMb.toFixed(1)} MB, ${growth.minutes.toFixed(0)} minutes later ${lastMb.toFixed(1)} MB: ` +
      `${mbPerMinute.toFixed(2)} MB and ${handlesPerMinute.toFixed(2)} handles a minute${grows ? '  GROWS' : ''}`,
  );
}
for (const surprise of stack.cluster.surprises) told(`surprise: ${surprise}`);
process.exit(kept && flat && stack.cluster.surprises.length === 0 ? 0 : 1);
