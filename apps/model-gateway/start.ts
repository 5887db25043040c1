import { createOfflineModel, OFFLINE_MODEL } from '@agent-platform/adapter-model-offline';
import type { ModelPort } from '@agent-platform/ports/model.port';
import { createLogger, type Logger } from '@agent-platform/service/log';
import { roleKeyOf } from '@agent-platform/service/role-key';
import type { Budgets } from './budget.keeper.ts';
import { createBudgetedBackend } from './budgeted.backend.ts';
import { createBuiltInBackend } from './built-in.backend.ts';
import { offlineStructure } from './built-in.structure.ts';
import { createCachedBackend } from './cached.backend.ts';
import { ModelGatewayConfig, type ModelGatewaySettings } from './model-gateway.config.ts';
import { buildModelGateway } from './model-gateway.module.ts';
import { Handling, type Routing } from './models.file.ts';
import { createRecordedBackend } from './recorded.backend.ts';
import { createRoutedBackend } from './routed.backend.ts';
import { createCallRecorder } from './usage.call.ts';
import { createPrices } from './usage.price.ts';
import { createUsageRecorder, type UsageRecorder } from './usage.recorder.ts';

export interface ModelGatewayParts {
  /** Answers instead of the offline model when no provider is configured. */
  readonly model?: ModelPort;
  readonly logger?: Logger;
  /** Records usage instead of the queue on NATS. */
  readonly usage?: UsageRecorder;
  /** Keeps calls within the budgets of their workspaces; absent: there are none. */
  readonly budgets?: Budgets;
}

export interface ModelGateway {
  /** Where it listens, e.g. `http://127.0.0.1:8001`. */
  readonly url: string;
  /** Base URL for an OpenAI client: `url` + `/models`. */
  readonly baseUrl: string;
  readonly defaultModel: string;
  /** Takes no new calls, lets running ones finish for a while, then stops them. */
  close(): Promise<void>;
}

/** How long calls that were stopped have to say so. */
const LAST_WORDS_MS = 500;

/** Starts the gateway. Throws ZodError for wrong settings, and what `listen` throws when the port is taken. */
export async function startModelGateway(config: ModelGatewayConfig = {}, parts: ModelGatewayParts = {}): Promise<ModelGateway> {
  const settings = ModelGatewayConfig.parse(config);
  const logger = parts.logger ?? createLogger('model-gateway', settings.logLevel);
  const builtIn = parts.model
    ? createBuiltInBackend(parts.model, settings.defaultModel ?? 'built-in')
    : createBuiltInBackend(createOfflineModel(), OFFLINE_MODEL, offlineStructure);
  const routing = routingOf(settings);
  const addresses = Object.fromEntries(Object.entries(routing?.providers ?? {}).map(([name, { baseUrl }]) => [name, baseUrl]));
  const prices = createPrices(routing?.prices ?? {}, addresses);
  const routed = routing ? createRoutedBackend(routing, builtIn) : builtIn;
  const allowed = parts.budgets ? createBudgetedBackend(routed, parts.budgets, prices) : routed;
  // What is recorded or cached costs nothing: no budget is asked for it.
  const recorded = settings.recordings ? createRecordedBackend(allowed, settings.recordings, logger) : allowed;
  const backend = createCachedBackend(recorded, routing?.cacheSeconds ?? {});
  const stopping = new AbortController();
  const { natsUrl, roleKey } = settings;
  if (natsUrl !== undefined && roleKey === undefined)
    logger.warn('usage is not recorded: AGENT_PLATFORM_ROLE_KEY is missing; give it the same one as the commands role');
  const recorder = parts.usage ?? (natsUrl === undefined || roleKey === undefined ? null : createUsageRecorder(natsUrl, roleKeyOf(roleKey), logger));
  const usage = createCallRecorder(recorder, prices);
  const app = buildModelGateway(settings, backend, { logger, usage, stopping: stopping.signal });
  const url = await app.listen({ host: settings.host, port: settings.port });
  logger.info(
    { url, backend: backend.name, default_model: backend.defaultModel, ...(settings.recordings && { recordings: settings.recordings }) },
    'model gateway listens',
  );
  return {
    url,
    baseUrl: `${url}/models`,
    defaultModel: backend.defaultModel,
    async close() {
      const drain = setTimeout(() => stopping.abort(), settings.drainMs);
      // A connection on which nothing was ever asked is not idle to Node, and would be waited for until it is.
      const cut = setTimeout(() => app.server.closeAllConnections(), settings.drainMs + LAST_WORDS_MS);
      await app.close();
      clearTimeout(drain);
      clearTimeout(cut);
      await backend.close();
      await parts.budgets?.close();
      await recorder?.close();
    },
  };
}

/** A single provider is asked for every model. Null: the built-in model answers alone. */
function routingOf({ routing, provider, defaultModel, silenceMs }: ModelGatewaySettings): Routing | null {
  if (routing || !provider) return routing;
  const { baseUrl, apiKey, handling } = provider;
  const route = { ...Handling.parse({ silence_ms: silenceMs, ...handling }), baseUrl, apiKey };
  return { providers: { provider: route }, models: {}, defaultModel: defaultModel ?? 'gpt-4o-mini', defaultProvider: 'provider', prices: {}, cacheSeconds: {} };
}
