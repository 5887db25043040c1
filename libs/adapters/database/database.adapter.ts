import { Failure } from '@agent-platform/kernel/index';
import type { DatabasePort, DatabaseQuery } from '@agent-platform/ports/database.port';
import { type Connection, readConnections, withSecrets } from './connections.ts';
import { queryFailure } from './query.failure.ts';
import { Session } from './session.ts';
import { Slots } from './slots.ts';

interface Place extends Connection {
  readonly slots: Slots;
}

/** The port on the connections that the operator's setting lists; without one every call is refused. */
export function createDatabasePort(setting: string | undefined, env: NodeJS.ProcessEnv = process.env): DatabasePort {
  const places = new Map<string, Place>([...readConnections(setting, env)].map(([name, one]) => [name, { ...one, slots: new Slots(one.max_connections) }]));
  return {
    async query(query, { signal }) {
      const place = placeOf(places, query);
      const timeoutMs = Math.min(query.timeout_ms, place.timeout_seconds * 1000);
      const deadline = AbortSignal.timeout(timeoutMs);
      const stop = AbortSignal.any([signal, deadline]);
      const session = new Session({ ...place, url: await withSecrets(place.url, query.secretOf) }, query);
      const end = () => session.end();
      stop.addEventListener('abort', end, { once: true });
      let release: (() => void) | undefined;
      try {
        release = await place.slots.take(stop);
        return await session.run(timeoutMs);
      } catch (error) {
        if (signal.aborted) throw new Failure('transient', 'database-aborted', 'The call was given up before its answer came.', { cause: error });
        throw queryFailure(error, { connection: query.connection, phase: session.phase, timeoutMs, late: deadline.aborted });
      } finally {
        stop.removeEventListener('abort', end);
        session.end();
        release?.();
      }
    },
  };
}

function placeOf(places: ReadonlyMap<string, Place>, { connection, workspace_id, mode }: DatabaseQuery): Place {
  const mine = [...places].filter(([, { workspaces }]) => workspaces?.includes(workspace_id) ?? true);
  const place = mine.find(([name]) => name === connection)?.[1];
  if (!place) {
    const there = mine.length === 0 ? 'there are none' : `there are ${mine.map(([name]) => `"${name}"`).join(', ')}`;
    const message = `There is no database "${connection}" for this workspace, ${there}; the operator lists them in AGENT_PLATFORM_TOOL_DATABASES.`;
    throw new Failure('invalid', 'database-not-configured', message);
  }
  if (mode === 'write' && !place.write)
    throw new Failure('denied', 'database-write-denied', `The database "${connection}" may only be read; the operator can allow "write" for it.`);
  return place;
}
