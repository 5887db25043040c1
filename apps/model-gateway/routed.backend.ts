import { setTimeout as wait } from 'node:timers/promises';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { BUILT_IN_PROVIDER, type Served } from './served.ts';
import type { EmbeddingsBody, RerankBody } from './chat.request.ts';
import { modelsOf } from './model.list.ts';
import { BUILT_IN, type Routing, type Target } from './models.file.ts';
import { OpenAiError, toOpenAiError } from './openai.error.ts';
import { createProviderBackend, type ProviderBackend } from './provider.backend.ts';
import { createProviderGuard, type ProviderGuard } from './provider.guard.ts';

/** Who answers at a target. */
type Answering = Pick<Backend, 'chat' | 'embeddings' | 'rerank'>;

interface Provider {
  readonly backend: ProviderBackend;
  readonly guard: ProviderGuard;
  readonly retries: number;
  readonly retryWaitMs: number;
}

/** Refusals of our own, for which nobody was asked: the next attempt at the same provider would meet the same. */
const NOBODY_ASKED = new Set(['provider_busy', 'provider_circuit_open']);
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_SECONDS = 3600;

/**
 * Asks the targets of a model in their order until one answers. An attempt is repeated after 429, 5xx and lost connections,
 * after the time the provider names; whether anything else goes to the next target is in `another`. Only the beginning
 * of an answer decides: once a stream has begun it is never asked for again, here or elsewhere.
 */
export function createRoutedBackend(routing: Routing, builtIn: Backend): Backend {
  const providers = new Map<string, Provider>(
    Object.entries(routing.providers).map(([name, route]) => [
      name,
      {
        backend: createProviderBackend({ name, baseUrl: route.baseUrl, apiKey: route.apiKey, silenceMs: route.silence_ms }),
        guard: createProviderGuard(name, route),
        retries: route.retries,
        retryWaitMs: route.retry_wait_ms,
      },
    ]),
  );
  const names = Object.keys(routing.models);

  const targetsOf = (model: string): readonly Target[] => {
    const named = Object.hasOwn(routing.models, model) ? routing.models[model] : undefined;
    return named ?? (routing.defaultProvider === null ? [] : [{ provider: routing.defaultProvider, model }]);
  };
  const servedBy = ({ provider, model }: Target): Served => ({ provider: provider ?? BUILT_IN_PROVIDER, model });
  const unknownModel = (model: string) =>
    new OpenAiError(404, 'model_not_found', `model: there is no model "${model}". Take one of: ${names.join(', ')}.`, { param: 'model' });

  /** One target, with its attempts. The last answer, also when it is an error; throws what the last attempt threw. */
  const atTarget = async (target: Target, call: BackendCall, ask: (backend: Answering, call: BackendCall) => Promise<BackendAnswer>) => {
    const served = servedBy(target);
    const provider = target.provider === null ? null : providers.get(target.provider);
    if (!provider) return { ...(await ask(builtIn, call)), served };
    for (let attempt = 0; ; attempt++) {
      const outcome = await settled(provider.guard(call.signal, (signal) => ask(provider.backend, { ...call, signal })));
      const pause = attempt < provider.retries ? pauseAfter(outcome, attempt) : null;
      if (pause === null || pause > provider.retryWaitMs || call.signal.aborted) {
        if (!('error' in outcome)) return { ...outcome, served };
        if (!NOBODY_ASKED.has(outcome.error.code)) outcome.error.served = served;
        throw outcome.error;
      }
      await wait(pause, undefined, { signal: call.signal }).catch(() => undefined);
    }
  };

  const route = async (model: string, call: BackendCall, ask: (target: Target, backend: Answering, call: BackendCall) => Promise<BackendAnswer>) => {
    const targets = targetsOf(model);
    if (targets.length === 0) throw unknownModel(model);
    for (const [at, target] of targets.entries()) {
      const outcome = await settled(atTarget(target, call, (backend, attempt) => ask(target, backend, attempt)));
      const last = at === targets.length - 1 || call.signal.aborted;
      if (last || !another(outcome)) return 'error' in outcome ? Promise.reject(outcome.error) : outcome;
    }
    throw new OpenAiError(500, 'internal_error', `The model "${model}" has no targets.`);
  };

  /** What a chat model can't do: the default is not put in, and a single provider says itself what it wants. */
  const named =
    <B extends EmbeddingsBody | RerankBody>(ask: (backend: Answering, body: B, call: BackendCall) => Promise<BackendAnswer>) =>
    (body: B, call: BackendCall): Promise<BackendAnswer> => {
      const [only] = providers.values();
      if (!body.model && names.length === 0 && only) return only.guard(call.signal, (signal) => ask(only.backend, body, { ...call, signal }));
      if (!body.model) throw new OpenAiError(400, 'invalid_body', 'model: is missing. Name one that embeds, or reranks.', { param: 'model' });
      return route(body.model, call, ({ model }, backend, attempt) => ask(backend, { ...body, model }, attempt));
    };

  return {
    name: 'provider',
    defaultModel: routing.defaultModel,
    targets: (model) => targetsOf(model).map(servedBy),
    chat: (body, call) => route(body.model || routing.defaultModel, call, ({ model }, backend, attempt) => backend.chat({ ...body, model }, attempt)),
    embeddings: named((backend, body: EmbeddingsBody, call) => backend.embeddings(body, call)),
    rerank: named((backend, body: RerankBody, call) => backend.rerank(body, call)),
    async models(call) {
      const all = routing.defaultProvider === null ? undefined : providers.get(routing.defaultProvider);
      const ask = all && (() => all.guard(call.signal, (signal) => all.backend.models({ ...call, signal })));
      if (names.length === 0 && ask) return ask();
      const named = names.map((id) => ({ id, object: 'model', created: 0, owned_by: routing.models[id]?.[0]?.provider ?? BUILT_IN }));
      // What the default provider has may be asked for as well; while it does not answer, the named ones still may.
      const listed = await ask?.().catch(() => null);
      const others = listed ? modelsOf(listed).filter(({ id }) => !names.includes(id)) : [];
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ object: 'list', data: [...named, ...others] }) };
    },
    async close() {
      await Promise.all([builtIn, ...[...providers.values()].map(({ backend }) => backend)].map((backend) => backend.close()));
    },
  };
}

type Outcome = BackendAnswer | { readonly error: OpenAiError };

const settled = (running: Promise<BackendAnswer>): Promise<Outcome> => running.catch((error: unknown) => ({ error: toOpenAiError(error) }));

const statusOf = (outcome: Outcome): number => ('error' in outcome ? outcome.error.status : outcome.status);

/** Milliseconds before another attempt; null: none. The provider's own time counts, else it doubles, with jitter against herds. */
function pauseAfter(outcome: Outcome, attempt: number): number | null {
  const status = statusOf(outcome);
  if (status !== 429 && status !== 408 && status < 500) return null;
  // One whose time is up was waited for as long as it was to be.
  if ('error' in outcome && (NOBODY_ASKED.has(outcome.error.code) || outcome.error.code === 'provider_timeout')) return null;
  const named = 'error' in outcome ? undefined : retryAfterMs(outcome.headers, Date.now());
  return named ?? FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random() / 2);
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const ms = headers['retry-after-ms'];
  const text = headers['retry-after'];
  const value = ms ? Number(ms) : text ? (/^\s*[\d.]+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now) : Number.NaN;
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), LONGEST_WAIT_SECONDS * 1000) : undefined;
}

/** Whether another target may do better: a refusal of the request itself (400, 413, 422) would be refused there too. */
function another(outcome: Outcome): boolean {
  const status = statusOf(outcome);
  return status >= 500 || [401, 402, 403, 404, 408, 409, 429].includes(status);
}
