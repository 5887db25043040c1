import type { ModelPort, RerankPort } from '@agent-platform/ports/model.port';
import type { Config } from '@agent-platform/service/config';

/** Models behind the model gateway, whose client is loaded with the first call: few gateways ever make one. */
export function createLateModel(config: Pick<Config, 'AGENT_PLATFORM_MODEL_GATEWAY_URL' | 'AGENT_PLATFORM_MODEL_GATEWAY_TOKEN'>): ModelPort & RerankPort {
  let made: Promise<ModelPort & RerankPort> | undefined;
  const make = async (): Promise<ModelPort & RerankPort> => {
    const { createOpenAiModel } = await import('@agent-platform/adapter-openai/index');
    const { AGENT_PLATFORM_MODEL_GATEWAY_URL: url, AGENT_PLATFORM_MODEL_GATEWAY_TOKEN: apiKey } = config;
    return createOpenAiModel({ baseUrl: `${url}/models`, ...(apiKey && { apiKey }) });
  };
  return {
    chat: async (request, call) => (await (made ??= make())).chat(request, call),
    rerank: async (request, call) => (await (made ??= make())).rerank(request, call),
  };
}
