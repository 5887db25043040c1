import type { FastifyInstance } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { jsonObject } from '../command-body.ts';
import type { Gateway } from '../gateway.ts';
import { bodyAs, fastifyPath } from '../parameters.ts';
import { LONG } from '../pressure.ts';
import { contextOf } from '../request-context.ts';
import { closedBy, preferredWait } from '../run-end.ts';
import { waitFor } from './wait.ts';

const route = gatewayRoutes['mcp.call'];
const DEFAULT_WAIT_SECONDS = 30;

/** Asks an MCP server once and waits: 200 with its answer or why there is none, or 202 when the time is over. */
export function mountMcpCalls(app: FastifyInstance, gateway: Gateway): void {
  app.post(fastifyPath(route.path), LONG, async (request, reply) => {
    const { input, timeout_seconds, ...asked } = bodyAs(route.body, jsonObject(request.body));
    const { mcp_server_id } = request.params as { mcp_server_id: string };
    const context = contextOf(request);
    const data = { mcp: { mcp_server_id, ...asked }, ...(input && { input }), ...(timeout_seconds !== undefined && { timeout_seconds }) };
    const { id, log } = await gateway.command('tool_call.create', data, context);
    const { workspace_id } = context;
    const seconds = preferredWait(request) ?? DEFAULT_WAIT_SECONDS;
    const stream = { workspace_id, category: 'tool_call', stream_id: id } as const;
    const { view, ended } = await waitFor(gateway, stream, { seconds, signal: closedBy(reply), onEvent: null });
    const { status, output_json, output_text, error, latency_ms } = view;
    return reply.code(ended ? 200 : 202).send({ tool_call_id: id, status, output_json, output_text, error, latency_ms, workspace_id, log });
  });
}
