import { randomUUIDv7 } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { jsonObject } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { bodyAs, fastifyPath } from './parameters.ts';
import { contextOf } from './request-context.ts';

/** The search of memories. What a run reads is recorded before it is answered: no run knows what the log does not know of. */
export function mountMemoryRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { path, body: shape } = gatewayRoutes['memory.search'];
  app.post(fastifyPath(path), async (request) => {
    const body = jsonObject(request.body);
    const context = contextOf(request, body);
    const search = bodyAs(shape, body);
    if (search.read_after !== undefined) await gateway.waitFor('memory', search.read_after);
    const found = await gateway.searchMemories(context.workspace_id, search, gateway.closing);
    const memory_ids = found.items.map(({ id }) => id);
    if (search.run_id === undefined || memory_ids.length === 0) return found;
    // An id of its own: the same search again may find others, and is a reading of its own.
    const read = { read_id: randomUUIDv7(), run_id: search.run_id, query: search.query, memory_ids };
    const { log } = await gateway.command('memory_read.record', read, { ...context, command_id: read.read_id });
    return { ...found, log };
  });
}
