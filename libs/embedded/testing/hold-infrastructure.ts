/**
 * A platform for tests of its death: starts the infrastructure, says `{"pids":[..],"databaseUrl":..}` on
 * one line, and stays until it is killed. `node hold-infrastructure.ts <dataDir> <cacheDir> <pglite|native>`
 */
import { startInfrastructure } from '../index.ts';

const [dataDir = '', cacheDir = '', postgres] = process.argv.slice(2);
const running = await startInfrastructure({ dataDir, cacheDir, postgres: postgres === 'native' ? 'native' : 'pglite' });
const pids = Object.values(running.servers).map((server) => server.pid);
process.stdout.write(`${JSON.stringify({ pids, databaseUrl: running.databaseUrl, natsUrl: running.natsUrl })}\n`);
process.once('SIGTERM', () => {
  void running.stop().then(() => process.exit(0));
});
setInterval(() => undefined, 60_000);
