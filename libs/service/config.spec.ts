import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, readSettings, SETTINGS } from './config.ts';

const SERVERS = { AGENT_PLATFORM_DATABASE_URL: 'postgresql://platform@127.0.0.1/platform', AGENT_PLATFORM_NATS_URL: 'nats://127.0.0.1:4222' };

test('what is absent or empty has its default', () => {
  const config = readConfig({ ...SERVERS, AGENT_PLATFORM_HTTP_PORT: '', AGENT_PLATFORM_LOG_LEVEL: '', AGENT_PLATFORM_PROVIDER_BASE_URL: '' });
  expect(config).toMatchObject({ AGENT_PLATFORM_HTTP_PORT: 8000, AGENT_PLATFORM_LOG_LEVEL: 'info', AGENT_PLATFORM_EGRESS_ALLOW: [] });
  expect(config.AGENT_PLATFORM_PROVIDER_BASE_URL).toBeUndefined();
});

test('every mistake is told, by name, rule and remedy, and no value', () => {
  const read = () =>
    readConfig({
      AGENT_PLATFORM_DATABASE_URL: 'mysql://root:secret@db/platform',
      AGENT_PLATFORM_LOG_LEVEL: 'loud',
      AGENT_PLATFORM_MAX_EFFECTS: '0',
      AGENT_PLATFORM_MODEL_GATEWAY_TOKEN: 'short',
      AGENT_PLATFORM_PROVIDER_BASE_URL: 'ftp://provider',
      AGENT_PLATFORM_PROVIDER_API_KEY_FILE: '/nowhere/key',
    });
  expect(read).toThrow(
    `The settings are not right:
  AGENT_PLATFORM_DATABASE_URL: must be a postgresql:// address. Postgres of the event log and the read models. Example: postgresql://platform@127.0.0.1:5432/platform
  AGENT_PLATFORM_NATS_URL: is missing. NATS with JetStream, 2.12 or newer. Example: nats://127.0.0.1:4222
  AGENT_PLATFORM_MODEL_GATEWAY_TOKEN: must have 16 characters or more. Shared secret that callers of the model gateway must send; empty: none.
  AGENT_PLATFORM_PROVIDER_BASE_URL: must be an http or https address. OpenAI-compatible provider; without one the built-in offline model answers. Example: https://api.openai.com/v1
  AGENT_PLATFORM_PROVIDER_API_KEY_FILE: the file can't be read (ENOENT). Key of the provider; empty for local providers.
  AGENT_PLATFORM_MAX_EFFECTS: must be at least 1. Effects under way at once in one executor. Example: 1000
  AGENT_PLATFORM_LOG_LEVEL: must be one of trace, debug, info, warn, error, silent. Least severe log line that is written. Example: info`,
  );
});

test('a secret may lie in a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'url');
  writeFileSync(file, `${SERVERS.AGENT_PLATFORM_DATABASE_URL}\n`);
  expect(readConfig({ AGENT_PLATFORM_NATS_URL: SERVERS.AGENT_PLATFORM_NATS_URL, AGENT_PLATFORM_DATABASE_URL_FILE: file })).toMatchObject(SERVERS);
});

test('a mistake is told under the name by which the value came', () => {
  const { AGENT_PLATFORM_HTTP_PORT } = SETTINGS;
  expect(() => readSettings({ AGENT_PLATFORM_HTTP_PORT }, { AGENT_PLATFORM_HTTP_PORT: '70000' }, () => '--port')).toThrow('\n  --port: must be at most 65535');
});
