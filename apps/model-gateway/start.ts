import { createOfflineModel, OFFLINE_MODEL } from '@agent-platform/adapter-model-offline';
import type { ModelPort } from '@agent-platform/ports/model.port';
import { createLogger, type Logger } from '@agent-platform/service/log';
import { createBuiltInBackend } from './built-in.backend.ts';
import { ModelGatewayConfig } from './model-gateway.config.ts';
import { buildModelGateway } from './model-gateway.module.ts';
import { createProviderBackend } from './provider.backend.ts';

export interface ModelGatewayParts {
  /** Answers instead of the offline model when no provider is configured. */
  readonly model?: ModelPort;
  readonly logger?: Logger;
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

/** Starts the gateway. Throws ZodError for wrong settings, and what `listen` throws when the port is taken. */
export async function startModelGateway(config: ModelGatewayConfig = {}, parts: ModelGatewayParts = {}): Promise<ModelGateway> {
  const settings = ModelGatewayConfig.parse(config);
  const logger = parts.logger ?? createLogger('model-gateway', settings.logLevel);
  const backend = settings.provider
    ? createProviderBackend({ ...settings.provider, silenceMs: settings.silenceMs, defaultModel: settings.defaultModel ?? 'gpt-4o-mini' })
    : createBuiltInBackend(parts.model ?? createOfflineModel(), parts.model ? (settings.defaultModel ?? 'built-in') : OFFLINE_MODEL);
  const stopping = new AbortController();
  const app = buildModelGateway(settings, backend, logger, stopping.signal);
  const url = await app.listen({ host: settings.host, port: settings.port });
  logger.info({ url, backend: backend.name, default_model: backend.defaultModel }, 'model gateway listens');
  return {
    url,
    baseUrl: `${url}/models`,
    defaultModel: backend.defaultModel,
    async close() {
      const drain = setTimeout(() => stopping.abort(), settings.drainMs);
      await app.close();
      clearTimeout(drain);
      await backend.close();
    },
  };
}
