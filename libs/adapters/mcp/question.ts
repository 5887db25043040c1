import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { McpAnswer, McpCall, McpProgress } from '@agent-platform/ports/mcp.port';

/** A server may tell of its progress as often as it likes; so often it is passed on. */
const PROGRESS_MS = 50;

/** Asks a server that is connected. */
export async function ask(client: Client, call: McpCall, options: RequestOptions, onProgress: (progress: McpProgress) => void): Promise<McpAnswer> {
  const _meta = { 'agent-platform/idempotency-key': call.key };
  const asked = { ...options, onprogress: sparse(onProgress) };
  if ('tool' in call) {
    const answer = await client.callTool({ name: call.tool, arguments: call.arguments, _meta }, asked);
    return answered(answer.content, answer.structuredContent, answer.isError);
  }
  if ('resource' in call) return answered((await client.readResource({ uri: call.resource, _meta }, asked)).contents);
  const { messages, description } = await client.getPrompt({ name: call.prompt, arguments: call.arguments, _meta }, asked);
  return answered(messages, description === undefined ? null : { description });
}

const answered = (content: unknown, structured: unknown = null, is_error: boolean | undefined = false): McpAnswer => ({
  // What came over the wire is JSON.
  content: content as JsonValue,
  structured: structured as JsonValue,
  is_error,
});

/** The first and the last of all, and of those between what the pace allows. */
function sparse(
  onProgress: (progress: McpProgress) => void,
): (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void {
  let told = -Infinity;
  return ({ progress, total, message }) => {
    const now = performance.now();
    if (now - told < PROGRESS_MS && progress !== total) return;
    told = now;
    onProgress({ progress, ...(total !== undefined && { total }), ...(message !== undefined && { message: message.slice(0, 1_000) }) });
  };
}
