import { fetch as send, type RequestInit, type Response as Received } from 'undici';
import { Failure } from '@agent-platform/kernel/index';
import { openPublic, openTrusted } from './connection.guard.ts';
import { SendError } from './egress.failure.ts';
import type { HttpPortConfig } from './http.adapter.ts';
import { systemResolver, vetName } from './lookup.guard.ts';
import { isPublicAddress } from './public-address.ts';
import { canonicalPair, guardTarget } from './target.guard.ts';

const LIMITS = { headerBytes: 16 * 1024, timeoutMs: 300_000 };
/** All that one answer may bring, streams of events included. */
const BODY_BYTES = 8_000_000;

/**
 * `fetch` through the egress guard, for clients of protocols that bring their own: the same addresses are refused as by
 * the HTTP port, answers stream and are cut with an error at 8 MB. Redirects are refused: such clients send credentials.
 */
export function createGuardedFetch(config: Pick<HttpPortConfig, 'allow' | 'ports' | 'resolve'> = {}): typeof fetch {
  const rules = { allow: new Set((config.allow ?? []).map(canonicalPair)), ports: new Set([80, 443, ...(config.ports ?? [])]) };
  const resolve = config.resolve ?? systemResolver;
  const peers = { vet: (host: string) => vetName(host, resolve), accepts: isPublicAddress };
  const trusted = openTrusted(LIMITS, resolve);
  const guarded = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const target = guardTarget(String(input), rules);
    const once = target.trusted ? null : openPublic(target.url.origin, LIMITS, peers);
    try {
      const answer = await send(target.url, { ...init, redirect: 'manual', dispatcher: once ?? trusted });
      if (answer.status < 300 || answer.status > 399) return limited(answer);
      await answer.body?.cancel();
      throw new Failure('invalid', 'redirect-refused', 'url: the server redirects; give the address it redirects to.', { cause: new SendError(true) });
    } finally {
      // Ends when its one answer has.
      void once?.close().catch(() => undefined);
    }
  };
  // undici's own types and the global ones differ in their declarations only.
  return guarded as unknown as typeof fetch;
}

/** The answer, as one of the global class: clients tell it from a text by that. */
function limited(answer: Received): Response {
  const { status, statusText } = answer;
  const init = { status, statusText, headers: [...answer.headers] };
  if (answer.body === null) return new Response(null, init);
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES) controller.error(new Failure('invalid', 'answer-too-large', `The answer is longer than ${BODY_BYTES} bytes.`));
      else controller.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(counted), init);
}
