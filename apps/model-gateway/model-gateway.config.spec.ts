import { describe, expect, it } from 'vitest';
import { readModelGatewayConfig } from './model-gateway.config.ts';

describe('settings', () => {
  it('come from the environment', () => {
    expect(readModelGatewayConfig({})).toMatchObject({ host: '127.0.0.1', port: 8001, provider: null });
    expect(readModelGatewayConfig({ AGENT_PLATFORM_PROVIDER_BASE_URL: 'http://localhost:11434/v1/', AGENT_PLATFORM_PROVIDER_API_KEY: '' }).provider).toEqual({
      baseUrl: 'http://localhost:11434/v1',
      apiKey: '',
    });
    expect(readModelGatewayConfig({ OPENAI_API_KEY: 'k' }).provider).toEqual({ baseUrl: 'https://api.openai.com/v1', apiKey: 'k' });
    expect(() => readModelGatewayConfig({ AGENT_PLATFORM_PROVIDER_BASE_URL: 'ftp://x' })).toThrow('http or https');
    expect(() => readModelGatewayConfig({ AGENT_PLATFORM_MODEL_GATEWAY_PORT: 'x' })).toThrow('AGENT_PLATFORM_MODEL_GATEWAY_PORT');
  });
});
