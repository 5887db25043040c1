import { startPglite } from '@agent-platform/embedded/index';
import { describe } from 'vitest';
import { conformance } from './testing/conformance.ts';
import { logOn } from './testing/log-on-server.ts';
import { hasNativePostgres, startNativePostgres } from './testing/native-postgres.ts';

conformance('on PGlite', async () => {
  const { databaseUrl, stop } = await startPglite();
  return logOn({ url: databaseUrl, stop });
});
describe.skipIf(!hasNativePostgres())('native', () => {
  conformance('on Postgres', async () => logOn(await startNativePostgres()));
});
