import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CRASH_POINTS } from '@agent-platform/runtime/crash-point';
import { crashScenarios } from './scenario.crash.ts';
import { faultScenarios } from './scenario.faults.ts';
import { poisonScenario } from './scenario.poison.ts';
import { play } from './session.ts';

/** The short run: one harm per kind, all on one stack. `npm run chaos` does every one. */
const CHOSEN = [
  'crash executor.after-effect (first)',
  'crash commands.after-append (first)',
  'crash projector.in-transaction (first)',
  'crash relay.mid-publish (first)',
  'crash scheduler.after-command (first)',
  'fault postgres killed',
  'fault nats wiped',
  'poison events',
];
const all = [...crashScenarios, ...faultScenarios, poisonScenario];
const chosen = CHOSEN.flatMap((name) => all.filter((scenario) => scenario.name === name));

const folder = mkdtempSync(join(tmpdir(), 'chaos-short-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('plays every crash point of the list', () => {
  for (const point of CRASH_POINTS) expect(crashScenarios.map(({ name }) => name)).toContain(`crash ${point} (first)`);
  expect(chosen).toHaveLength(CHOSEN.length);
});

it('keeps every promise while processes and servers are killed under load', { timeout: 400_000 }, async () => {
  const results = await play(
    chosen,
    { seed: 4711, folder, lanes: 6, places: ['relay', 'commands', 'projector', 'scheduler', 'executor-1', 'executor-2'] },
    () => undefined,
  );
  expect(results.flatMap(({ scenario, verdict }) => verdict.violations.map(({ promise, what }) => `${scenario}: ${promise}: ${what}`))).toEqual([]);
  expect(results.filter(({ done }) => !done).map(({ scenario, note }) => `${scenario}: ${note}`)).toEqual([]);
  expect(results).toHaveLength(chosen.length);
});
