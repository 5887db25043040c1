import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Reading, READINGS_FILE } from './growth.ts';

// Loaded before a role (`--import`): writes down what it still holds after a collection. Without the collection the figures
// say more about when the collector last ran than about the role.
const EVERY_MS = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const file = process.env[READINGS_FILE];
if (file === undefined) throw new Error(`${READINGS_FILE}: not set; the soak sets it for each place`);

setInterval(() => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const reading: Reading = { pid: process.pid, at: Date.now(), mb: (heapUsed + external) / 1024 / 1024, handles: process.getActiveResourcesInfo().length };
  appendFileSync(file, `${JSON.stringify(reading)}\n`);
}, EVERY_MS).unref();
