import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { CommandAccepted, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { describeClient } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import { Failure, toFailure } from '@agent-platform/kernel/index';
import { readState } from '@agent-platform/mcp-server/sign-in.address';
import { jsonObject } from '../command-body.ts';
import { followStream } from '../follow.ts';
import type { Gateway } from '../gateway.ts';
import { bodyAs, fastifyPath } from '../parameters.ts';
import { LONG } from '../pressure.ts';
import { contextOf } from '../request-context.ts';
import { closedBy, preferredWait } from '../run-end.ts';
import { signInPage } from './sign-in.page.ts';

const { 'mcp.authorize': authorize, 'mcp.callback': callback, 'mcp.client': client } = gatewayRoutes;
const DEFAULT_WAIT_SECONDS = 30;
/** Without a setting, only a browser on this machine can come back here. */
const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** Signing in at MCP servers: the address for a person, where the browser comes back to, and what the platform says of itself. */
export function mountSignIn(app: FastifyInstance, gateway: Gateway): void {
  app.post(fastifyPath(authorize.path), LONG, async (request, reply) => {
    const { redirect_uri } = bodyAs(authorize.body, jsonObject(request.body ?? {}));
    const { mcp_server_id } = request.params as { mcp_server_id: string };
    const context = contextOf(request);
    const wish = redirect_uri === undefined ? comeBack(gateway, request) : { redirect_uri };
    const accepted = await gateway.command('mcp_server.authorize', { mcp_server_id, ...wish }, context);
    const { workspace_id } = context;
    const view = await until(({ sign_in }) => sign_in !== 'preparing', { gateway, accepted, workspace_id, request, reply });
    if (view['sign_in'] === 'wanted') throw refused(view);
    return reply.code(view['sign_in'] === 'preparing' ? 202 : 200).send({ ...view, workspace_id, log: accepted.log });
  });

  app.get(fastifyPath(callback.path), LONG, async (request, reply) => {
    // Nothing from elsewhere, no script, and to nobody a word of this address, which has the code.
    const headers = {
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    };
    void reply.headers(headers).type('text/html; charset=utf-8');
    try {
      const view = await finish(gateway, request, reply);
      if (view['sign_in'] === 'wanted') throw refused(view);
      return signInPage('You are signed in', 'The platform uses the MCP server with what you allowed. You can close this page.');
    } catch (thrown) {
      const { status, message } = toFailure(thrown);
      return reply.code(status).send(signInPage('You are not signed in', message));
    }
  });

  app.get(fastifyPath(client.path), (request) => {
    const { redirect_uri } = comeBack(gateway, request);
    return { client_id: `${publicUrl(gateway, request)}${client.path}`, token_endpoint_auth_method: 'none', ...describeClient(redirect_uri) };
  });
}

const Returned = z.object({
  state: z.string(),
  code: z.string().optional(),
  iss: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
});
const DESCRIPTION_CHARACTERS = 1_000;

/** Hands over what the browser came with, and waits for what comes of it. */
async function finish(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): Promise<JsonObject> {
  const returned = Returned.safeParse(request.query);
  const whose = returned.success ? readState(returned.data.state) : null;
  if (!returned.success || !whose)
    throw new Failure(
      'invalid',
      'mcp-sign-in-state',
      'This address is only for browsers that an authorization server sends back; its state is not one of ours.',
    );
  const { workspace_id, mcp_server_id } = whose;
  const { error_description, ...said } = returned.data;
  const data = { mcp_server_id, ...said, ...(error_description !== undefined && { error_description: error_description.slice(0, DESCRIPTION_CHARACTERS) }) };
  const accepted = await gateway.command('mcp_server.finish_authorization', data, { ...contextOf(request), workspace_id });
  return until(({ sign_in }) => sign_in !== 'exchanging', { gateway, accepted, workspace_id, request, reply });
}

interface Waiting {
  readonly gateway: Gateway;
  readonly accepted: CommandAccepted;
  readonly workspace_id: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The server as the log has it, as soon as it is so, or when the caller's patience ends. */
async function until(done: (view: JsonObject) => boolean, { gateway, accepted, workspace_id, request, reply }: Waiting): Promise<JsonObject> {
  const { id, log } = accepted;
  const feature = gateway.features.of('mcp_server');
  const stream: StreamRef = { workspace_id, category: 'mcp_server', stream_id: id };
  const read = async (): Promise<JsonObject> => feature.view((await gateway.states.load(feature, stream)).state, id) ?? {};
  const patience = AbortSignal.timeout((preferredWait(request) ?? DEFAULT_WAIT_SECONDS) * 1000);
  const limit = AbortSignal.any([patience, gateway.closing, closedBy(reply)]);
  let view = await read();
  if (done(view)) return view;
  for await (const _event of followStream(gateway.log, gateway.watch, stream, log.version, limit)) {
    view = await read();
    if (done(view)) break;
  }
  return view;
}

/** What the authorization server, or the way to it, refused. */
function refused({ error }: JsonObject): Failure {
  const { code, message } = (error ?? { code: 'mcp-sign-in-revoked', message: 'The sign-in was given up meanwhile: ask for the address again.' }) as {
    readonly code: string;
    readonly message: string;
  };
  return new Failure('invalid', code, message, { status: 502 });
}

/** Where a browser comes back to, and, if the world can read it, what the platform says of itself as a client. */
function comeBack(gateway: Gateway, request: FastifyRequest): { readonly redirect_uri: string; readonly client_metadata_url?: string } {
  const own = publicUrl(gateway, request);
  return { redirect_uri: `${own}${callback.path}`, ...(own.startsWith('https:') && { client_metadata_url: `${own}${client.path}` }) };
}

function publicUrl({ publicUrl: set }: Gateway, { headers }: FastifyRequest): string {
  if (set !== undefined) return `${set.replace(/\/+$/, '')}/api/v1`;
  if (LOCAL.test(headers.host ?? '')) return `http://${headers.host}/api/v1`;
  throw new Failure('invalid', 'public-url-missing', 'Where browsers reach the gateway is not known: set AGENT_PLATFORM_PUBLIC_URL, or give a redirect_uri.');
}
