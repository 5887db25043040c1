import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { type Watched, withFallback } from './fallback.embedding.ts';

/** The settings of the platform that say who embeds (libs/service/config.ts). */
export interface EmbeddingSettings {
  readonly AGENT_PLATFORM_EMBEDDING_PROVIDER: 'hash' | 'local' | 'http';
  readonly AGENT_PLATFORM_EMBEDDING_BASE_URL: string;
  readonly AGENT_PLATFORM_EMBEDDING_API_KEY?: string | undefined;
  readonly AGENT_PLATFORM_EMBEDDING_MODEL: string;
  readonly AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: boolean;
}

/** What needs no provider: hashes, which never fail and stand in for the others, and a model on this machine. */
export interface BuiltIn {
  readonly hash: EmbeddingPort;
  readonly local: () => EmbeddingPort & { readonly missing: string | null };
}

/** The embeddings that the settings ask for, and who makes them now, for health. */
export function createEmbedding(settings: EmbeddingSettings, { hash, local }: BuiltIn): Watched {
  const { AGENT_PLATFORM_EMBEDDING_PROVIDER: provider, AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: enabled } = settings;
  if (provider === 'hash') return { ...hash, status: () => 'hash' };
  const standIn = enabled ? { name: 'hash', embedding: hash } : null;
  if (provider === 'local') {
    const embedding = local();
    return withFallback({ name: 'local', embedding }, standIn, embedding.missing);
  }
  return withFallback({ name: `http (${settings.AGENT_PLATFORM_EMBEDDING_MODEL})`, embedding: lazyHttp(settings) }, standIn);
}

/** Loaded with the first call: what a role imports at its start, others wait for. */
function lazyHttp(settings: EmbeddingSettings): EmbeddingPort {
  let made: Promise<EmbeddingPort> | undefined;
  const make = async (): Promise<EmbeddingPort> => {
    const { createHttpEmbedding } = await import('./http.embedding.ts');
    return createHttpEmbedding({
      baseUrl: settings.AGENT_PLATFORM_EMBEDDING_BASE_URL,
      model: settings.AGENT_PLATFORM_EMBEDDING_MODEL,
      ...(settings.AGENT_PLATFORM_EMBEDDING_API_KEY !== undefined && { apiKey: settings.AGENT_PLATFORM_EMBEDDING_API_KEY }),
    });
  };
  return { embed: async (texts, call) => (await (made ??= make())).embed(texts, call) };
}
