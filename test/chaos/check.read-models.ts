import { createEventLog, openPool } from '@agent-platform/event-log/index';
import { createFeatures } from '@agent-platform/features/index';
import { Failure, toFailure } from '@agent-platform/kernel/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { projectionsOf } from '@agent-platform/runtime/read-models';
import { verify } from '@agent-platform/runtime/rebuild';
import { createUpcast } from '@agent-platform/runtime/upcast';

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** P7: every projection is rebuilt from the log up to where the live one stands; the digests of all tables must be equal. */
export async function rebuiltIsEqual(databaseUrl: string): Promise<string[]> {
  const features = createFeatures({ nodes: createRegistry([]) });
  const pool = await openPool(databaseUrl, { connections: 2, name: 'chaos-verify' });
  try {
    const log = await createEventLog({ pool, upcast: createUpcast(features.map(({ contract }) => contract)) });
    const wrong: string[] = [];
    for (const projection of projectionsOf(features)) {
      const verified = await verify({ pool, log, projection, logger: SILENT }).catch((error: unknown) => toFailure(error));
      if (verified instanceof Failure) {
        wrong.push(`${projection.name}: ${verified.message}`);
        continue;
      }
      const { position, tables } = verified;
      for (const { table, rows, live, rebuilt } of tables) {
        if (live !== rebuilt) wrong.push(`${projection.name}.${table} at position ${position}: ${rows} live rows differ from the rebuilt ones`);
      }
    }
    return wrong;
  } finally {
    await pool.end();
  }
}
