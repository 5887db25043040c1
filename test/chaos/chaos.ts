import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isGreen, lineOf, summaryOf } from './report.ts';
import type { Scenario } from './scenario.ts';
import { crashScenarios } from './scenario.crash.ts';
import { diskScenarios } from './scenario.disk.ts';
import { failoverScenarios } from './scenario.failover.ts';
import { faultScenarios } from './scenario.faults.ts';
import { jetstreamScenarios } from './scenario.jetstream.ts';
import { networkScenarios } from './scenario.network.ts';
import { poisonScenario } from './scenario.poison.ts';
import { play, type Result } from './session.ts';
import type { StackOptions } from './stack.ts';

/*
 * `npm run chaos [-- --only <part of a name>,... --seed <number>]`: every crash point twice, every fault, poison events.
 * One line per scenario; ends with 1 when a promise was broken or a crash point was not reached. See README.md.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, seed: { type: 'string' }, lanes: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const wanted = values.only?.split(',') ?? [''];
const all = [...crashScenarios, ...faultScenarios, ...networkScenarios, ...diskScenarios, ...jetstreamScenarios, ...failoverScenarios, poisonScenario].filter(
  ({ name }) => wanted.some((part) => name.includes(part)),
);
/** What the scenarios of a group need. */
const STACKS: Readonly<Record<string, Partial<StackOptions>>> = {
  network: { links: true },
  disk: { diskMb: 400, settings: { min_wal_size: '32MB', max_wal_size: '64MB' } },
  'jetstream-disk': { natsDiskMb: 16 },
  'failover-synchronous': { replication: 'synchronous' },
  'failover-asynchronous': { replication: 'asynchronous' },
};
const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
console.log(`seed ${seed}, ${all.length} scenarios, logs and ledger in ${folder}`);

const began = Date.now();
const results: Result[] = [];
const groups: ReadonlyMap<string, Scenario[]> = Map.groupBy(all, ({ group }) => group);
for (const [group, scenarios] of groups) {
  const options = {
    seed,
    folder: join(folder, group),
    ...STACKS[group],
    ...(values.lanes !== undefined && { lanes: Number(values.lanes) }),
  };
  results.push(...(await play(scenarios, options, (result) => console.log(lineOf(result)))));
}
console.log(`${summaryOf(results)}\n${((Date.now() - began) / 1000).toFixed(0)} s, seed ${seed}`);
process.exit(results.length === all.length && results.every(isGreen) ? 0 : 1);
