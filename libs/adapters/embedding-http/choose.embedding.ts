import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { withFallback } from './fallback.embedding.ts';
import { createHttpEmbedding } from './http.embedding.ts';

/** The settings of the platform that say who embeds (libs/service/config.ts). */
export interface EmbeddingSettings {
  readonly AGENT_PLATFORM_EMBEDDING_PROVIDER: 'local' | 'http';
  readonly AGENT_PLATFORM_EMBEDDING_BASE_URL: string;
  readonly AGENT_PLATFORM_EMBEDDING_API_KEY?: string | undefined;
  readonly AGENT_PLATFORM_EMBEDDING_MODEL: string;
  readonly AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: boolean;
}

/** The embeddings that the settings ask for; `local` is what needs no provider, and stands in when one fails. */
export function createEmbedding(settings: EmbeddingSettings, local: EmbeddingPort): EmbeddingPort {
  if (settings.AGENT_PLATFORM_EMBEDDING_PROVIDER === 'local') return local;
  const http = createHttpEmbedding({
    baseUrl: settings.AGENT_PLATFORM_EMBEDDING_BASE_URL,
    model: settings.AGENT_PLATFORM_EMBEDDING_MODEL,
    ...(settings.AGENT_PLATFORM_EMBEDDING_API_KEY !== undefined && { apiKey: settings.AGENT_PLATFORM_EMBEDDING_API_KEY }),
  });
  return settings.AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED ? withFallback(http, local) : http;
}
