import type { GatewayClient, Query } from './gateway.client.ts';

/**
 * The parameter with which a read shows at least what the stream is now: read models follow the log by a moment, and a
 * command line must not deny what the one before it has just done. Empty for a stream that is not there.
 */
export async function readAfter(gateway: GatewayClient, category: string, id: string): Promise<Query> {
  const stream = `/streams/${category}/${encodeURIComponent(id)}`;
  const version = await gateway.get(`${stream}/state`).then(
    (state) => Number(state['version']),
    () => 0,
  );
  if (version === 0) return {};
  const { items } = await gateway.list(`${stream}/events`, { from: version, limit: 1 });
  return { read_after: String(items[0]?.['id']) };
}
