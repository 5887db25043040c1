import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';

/** Longer than an append is patient. */
const FULL_MS = 12_000;

/** A disk without room: orders are refused as transient, what is read stays readable, and with room again all goes on by itself. */
export const diskScenarios: readonly Scenario[] = [
  {
    name: 'disk of postgres full',
    group: 'disk',
    async run({ servers, ledger }) {
      if (!servers.disk) throw new Error('this scenario needs servers on a small disk');
      const told = () =>
        [...ledger.entries.values()].flatMap(({ answers }) => answers.filter((one) => one.status === 'unknown' && one.why === 'storage-full')).length;
      const before = told();
      servers.disk.fill();
      await pause(FULL_MS);
      const refused = told() - before;
      servers.disk.free();
      await servers.revivePostgres();
      return { done: refused > 0, note: `no room for ${FULL_MS / 1000} s; ${refused} orders were answered storage-full` };
    },
  },
];
