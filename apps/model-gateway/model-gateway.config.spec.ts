import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelGatewayConfig } from './model-gateway.config.ts';

describe('settings', () => {
  it('come from the environment', () => {
    expect(readModelGatewayConfig({})).toMatchObject({ host: '127.0.0.1', port: 8001, provider: null });
    expect(readModelGatewayConfig({ AGENT_PLATFORM_PROVIDER_BASE_URL: 'http://localhost:11434/v1/', AGENT_PLATFORM_PROVIDER_API_KEY: '' }).provider).toEqual({
      baseUrl: 'http://localhost:11434/v1',
      apiKey: '',
      handling: {},
    });
    expect(readModelGatewayConfig({ OPENAI_API_KEY: 'k' }).provider).toEqual({ baseUrl: 'https://api.openai.com/v1', apiKey: 'k', handling: {} });
    expect(() => readModelGatewayConfig({ AGENT_PLATFORM_PROVIDER_BASE_URL: 'ftp://x' })).toThrow('http or https');
    expect(() => readModelGatewayConfig({ AGENT_PLATFORM_MODEL_GATEWAY_PORT: 'x' })).toThrow('AGENT_PLATFORM_MODEL_GATEWAY_PORT');
  });

  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'models-')), 'models.yaml');
    writeFileSync(path, text);
    return (env: NodeJS.ProcessEnv = {}) => readModelGatewayConfig({ AGENT_PLATFORM_MODELS_FILE: path, ...env }).routing;
  };

  it('of several providers come from a file, keys from variables', () => {
    const read = file(`
      providers:
        openai: { base_url: https://api.openai.com/v1/, api_key_env: MY_KEY, retries: 1 }
        local: { base_url: http://127.0.0.1:11434/v1, concurrency: 2 }
      models:
        fast: [openai/gpt-4o-mini, local/llama3:8b, offline]
    `);
    expect(read({ MY_KEY: 'k' })).toMatchObject({
      providers: { openai: { baseUrl: 'https://api.openai.com/v1', apiKey: 'k', retries: 1, concurrency: 64 }, local: { apiKey: '', concurrency: 2 } },
      models: {
        fast: [
          { provider: 'openai', model: 'gpt-4o-mini' },
          { provider: 'local', model: 'llama3:8b' },
          { provider: null, model: 'offline' },
        ],
      },
      defaultModel: 'fast',
      defaultProvider: null,
    });
    expect(() => read()).toThrow('providers.openai.api_key_env: the variable MY_KEY is not set. Set it');
  });

  it.each([
    ['providers: [', "can't be read"],
    ['providers: { a: { base_url: "ftp://x" } }\ndefault_provider: a', 'providers.a.base_url: must be an http'],
    ['providers: { a: { base_url: "http://x", api_key_env: sk-abc } }\ndefault_provider: a', 'not the key itself'],
    ['providers: { a: { base_url: "http://x", typo: 1 } }\ndefault_provider: a', 'typo'],
    ['models: { m: [b/x] }', 'models.m.0: names the provider "b"; there are: none'],
    ['models: { m: [gpt] }', 'models.m.0: must be "<provider>/<model>"'],
    ['models: { m: [offline] }\ndefault_model: n', 'default_model: is not one of the models: m'],
    ['{}', 'models: must name a model'],
  ])('%s is refused by name', (text, message) => {
    expect(() => file(text)()).toThrow(message);
  });
});
