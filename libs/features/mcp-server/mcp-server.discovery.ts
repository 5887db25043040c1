import { type EffectContext, toFailure } from '@agent-platform/kernel/index';
import { withoutSecrets } from '@agent-platform/nodes/secret-scrub';
import { McpChallenged, type McpPort } from '@agent-platform/ports/mcp.port';
import { withBearer } from '@agent-platform/nodes/mcp.token';
import { type Opening, openConfig } from './mcp-server.secrets.ts';
import type { DiscoveryOutcome, McpServerState } from './mcp-server.state.ts';
import { sealFor } from './sign-in.seal.ts';

const MESSAGE = 1_000;

interface Asked {
  readonly state: McpServerState;
  readonly opening: Opening;
  readonly timeout_ms: number;
}

/** Asks a server what it offers; never rejects but when it was aborted. */
export async function discover(mcp: McpPort, { state, opening, timeout_ms }: Asked, { signal, stream, timedOut }: EffectContext): Promise<DiscoveryOutcome> {
  const used: string[] = [];
  try {
    const config = await openConfig(state.config, opening, used);
    const { token } = state.oauth;
    const access_token = token && sealFor(opening.secrets, stream.workspace_id, stream.stream_id).openTokens(token.sealed).access_token;
    if (access_token !== null) used.push(access_token);
    const catalog = await mcp.discover(access_token === null ? config : withBearer(config, access_token), { signal, timeout_ms, scope: stream.workspace_id });
    return { status: 'completed', catalog: withoutSecrets(catalog, used) };
  } catch (error) {
    // A shutdown must not be recorded as the server's failure.
    if (signal.aborted && !timedOut()) throw error;
    const { code, message, cause } = toFailure(error);
    const said = withoutSecrets({ code, message: message.slice(0, MESSAGE) }, used);
    return cause instanceof McpChallenged ? { status: 'challenged', challenge: cause.challenge, error: said } : { status: 'failed', error: said };
  }
}
