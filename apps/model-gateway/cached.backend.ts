import { AnswerCache } from './answer.cache.ts';
import { fromKept, keepingAnswer } from './answer.kept.ts';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { digestOf } from './request.digest.ts';
import type { AskedCall } from './usage.call.ts';

/**
 * Answers requests that were asked before from memory, where their caller (`cache_seconds`, or the header `x-cache-seconds`) or
 * `cache_seconds` of the model says so: never otherwise, and never over workspaces. Only complete answers are kept. An answer
 * says `x-cache: hit` or `miss`; a hit is no call of a model, so it costs nothing and no budget is asked.
 */
export function createCachedBackend(backend: Backend, seconds: Readonly<Record<string, number>>, cache = new AnswerCache()): Backend {
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
    const hit = cache.get(key, Date.now());
    if (hit) return fromKept(hit.answer, 'cache', { 'x-cache': 'hit', age: String(hit.age) });
    const answer = await ask(asked);
    return keepingAnswer({ ...answer, headers: { ...answer.headers, 'x-cache': 'miss' } }, (kept) => cache.set(key, kept, keep, Date.now()));
  };
  return {
    ...backend,
    chat: (body, call) => cached('chat', body, call, (asked) => backend.chat(asked, call)),
    embeddings: (body, call) => cached('embeddings', body, call, (asked) => backend.embeddings(asked, call)),
  };
}
