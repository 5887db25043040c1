import { isJSONRPCRequest, type Transport } from '@modelcontextprotocol/client';

/** Code of the answer that we give ourselves to a request whose stream ended without one. */
export const STREAM_ENDED = -32_099;

/** How long the last words to a server may take. */
export const LAST_WORDS_MS = 500;
export const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/**
 * Makes up for what the client does not do over HTTP: a request whose stream ends without an answer fails at once, not at
 * its time limit; and a cancel that is on its way is not cut off by the end of the connection. Returns what waits for that.
 */
export function watch(transport: Transport): () => Promise<unknown> {
  const send = transport.send.bind(transport);
  const words = new Set<Promise<unknown>>();
  transport.send = (message, options) => {
    // Of a batch, which nobody sends here, nothing is known.
    if (Array.isArray(message)) return send(message, options);
    const { id } = isJSONRPCRequest(message) ? message : {};
    if (id === undefined) {
      const sent = send(message, options);
      const settled: Promise<unknown> = sent.catch(() => undefined).finally(() => words.delete(settled));
      words.add(settled);
      return sent;
    }
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.();
      // Of a request that has its answer, this is one too many and not heard.
      transport.onmessage?.({ jsonrpc: '2.0', id, error: { code: STREAM_ENDED, message: 'its stream ended without an answer' } });
    };
    return send(message, { ...options, onRequestStreamEnd });
  };
  return () => Promise.race([Promise.all(words), pause(LAST_WORDS_MS)]);
}
