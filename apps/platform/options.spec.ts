import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('options stand over variables, and variables over defaults', () => {
  const env = { AGENT_PLATFORM_HTTP_PORT: '9000', AGENT_PLATFORM_DATA: 'kept', AGENT_PLATFORM_PROCESSES: 'true' };
  expect(readOptions([], {})).toEqual({
    help: false,
    verbose: false,
    port: undefined,
    dataDir: '.data',
    postgres: 'pglite',
    databaseUrl: undefined,
    natsUrl: undefined,
    processes: false,
  });
  expect(readOptions([], env)).toMatchObject({ port: 9000, dataDir: 'kept', processes: true });
  expect(readOptions(['--port', '0', '--postgres', 'native', '--nats-url', 'nats://other'], env)).toMatchObject({
    port: 0,
    postgres: 'native',
    natsUrl: 'nats://other',
  });
});

test('every mistake is told once: those of options, and those of variables that only the roles read', () => {
  const env = { AGENT_PLATFORM_HTTP_PORT: 'high', AGENT_PLATFORM_LOG_LEVEL: 'loud', AGENT_PLATFORM_POSTGRES: 'mysql', AGENT_PLATFORM_POOL: '0' };
  const mistakes = (argv: readonly string[]): string[] => {
    try {
      readOptions(argv, env);
      return [];
    } catch (error) {
      return [...String(error).matchAll(/^ {2}(\S+):/gm)].map(([, name]) => name ?? '');
    }
  };
  expect(mistakes(['--database-url', 'mysql://db'])).toEqual([
    '--database-url',
    'AGENT_PLATFORM_HTTP_PORT',
    'AGENT_PLATFORM_POOL',
    'AGENT_PLATFORM_LOG_LEVEL',
    'AGENT_PLATFORM_POSTGRES',
  ]);
});

test('--help needs nothing to be right', () => {
  expect(readOptions(['--help'], { AGENT_PLATFORM_LOG_LEVEL: 'loud' })).toMatchObject({ help: true });
});
