import type { FastifyInstance } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { loadState } from '@agent-platform/runtime/lookup';
import type { Gateway } from './gateway.ts';
import { searchLog } from './log-search.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { contextOf } from './request-context.ts';

/** Routes over the log itself: all events, one stream, and the state of a stream at any of its versions. */
export function mountLogRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { 'log.search': search, 'log.stream': stream, 'log.state': state } = gatewayRoutes;

  app.get(fastifyPath(search.path), async (request) => {
    const { workspace_id } = contextOf(request);
    return searchLog(gateway.log, workspace_id, parametersOf(search.params, request));
  });

  app.get(fastifyPath(stream.path), async (request) => {
    const { workspace_id } = contextOf(request);
    const { category, stream_id, from, to, limit } = parametersOf(stream.params, request);
    const items = await gateway.log.readStream({ workspace_id, category, stream_id }, { from, limit, ...(to !== undefined && { to }) });
    const last = items.at(-1)?.version;
    return { items, next_cursor: items.length === limit && last !== undefined ? String(last + 1) : null };
  });

  app.get(fastifyPath(state.path), async (request) => {
    const { workspace_id } = contextOf(request);
    const { category, stream_id, at } = parametersOf(state.params, request);
    const ref: StreamRef = { workspace_id, category, stream_id };
    const feature = gateway.features.all.find((one) => one.contract.category === category);
    const folded = feature ? await loadState(gateway.log, feature, ref, at) : null;
    if (!feature || !folded || folded.version === 0) {
      throw new Failure('missing', 'stream-not-found', `There is no stream "${category}/${stream_id}" in workspace "${workspace_id}".`);
    }
    return { stream: `${workspace_id}/${category}/${stream_id}`, version: folded.version, view: feature.view(folded.state, stream_id), state: folded.state };
  });
}
