import { AnswerCache } from './answer.cache.ts';
import { AnswerFlights, type Landing } from './answer.flights.ts';
import { fromKept, keepingAnswer, type KeptAnswer } from './answer.kept.ts';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { digestOf } from './request.digest.ts';
import type { AskedCall } from './usage.call.ts';

const hit = (kept: KeptAnswer, age: number): BackendAnswer => fromKept(kept, 'cache', { 'x-cache': 'hit', age: String(age) });

/**
 * Answers requests that were asked before from memory, where their caller (`cache_seconds`, or the header `x-cache-seconds`) or
 * `cache_seconds` of the model says so: never otherwise, and never over workspaces. Only complete answers are kept. An answer
 * says `x-cache: hit` or `miss`; a hit is no call of a model, so it costs nothing and no budget is asked. Of equal requests at
 * once the first is asked, and the others wait for its answer. When its caller leaves, the next one asks; when it fails, maybe
 * at a budget that is not theirs, each asks for itself.
 */
export function createCachedBackend(backend: Backend, seconds: Readonly<Record<string, number>>, cache = new AnswerCache()): Backend {
  const flights = new AnswerFlights();
  const cached = async <B extends { readonly model?: string | null | undefined; readonly cache_seconds?: number | null | undefined }>(
    kind: AskedCall['kind'],
    body: B,
    call: BackendCall,
    ask: (body: B) => Promise<BackendAnswer>,
  ): Promise<BackendAnswer> => {
    const { cache_seconds } = body;
    // No provider knows the field; what is undefined is not sent.
    const asked = { ...body, cache_seconds: undefined };
    const model = asked.model || backend.defaultModel;
    const keep = call.cacheSeconds ?? cache_seconds ?? (Object.hasOwn(seconds, model) ? seconds[model] : undefined) ?? 0;
    if (keep === 0) return ask(asked);
    const key = `${call.label.workspace_id}/${digestOf(kind, model, asked)}`;

    const keeping = async (landed?: (landing: Landing) => void): Promise<BackendAnswer> => {
      const end = (kept: KeptAnswer | null) => {
        if (kept) cache.set(key, kept, keep, Date.now());
        landed?.(kept ?? (call.signal.aborted ? 'left' : 'failed'));
      };
      try {
        const answer = await ask(asked);
        return keepingAnswer({ ...answer, headers: { ...answer.headers, 'x-cache': 'miss' } }, end);
      } catch (error) {
        end(null);
        throw error;
      }
    };

    for (;;) {
      const known = cache.get(key, Date.now());
      if (known) return hit(known.answer, known.age);
      const flight = flights.follow(key, call.signal);
      // Nothing is waited for in between: of two callers only one leads.
      if (!flight) return keeping(flights.lead(key));
      const landing = await flight;
      if (landing === 'failed') return keeping();
      if (landing !== 'left') return hit(landing, 0);
    }
  };
  return {
    ...backend,
    chat: (body, call) => cached('chat', body, call, (asked) => backend.chat(asked, call)),
    embeddings: (body, call) => cached('embeddings', body, call, (asked) => backend.embeddings(asked, call)),
    rerank: (body, call) => cached('rerank', body, call, (asked) => backend.rerank(asked, call)),
  };
}
