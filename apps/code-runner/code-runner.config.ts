import { z } from 'zod';
import { readSettings, SETTINGS } from '@agent-platform/service/config';

const CodeRunnerConfig = z.object({
  host: z.string().default('127.0.0.1'),
  /** 0: any free one. */
  port: z.int().min(0).max(65_535).default(8006),
  languages: z.array(z.enum(['javascript', 'python'])).min(1),
  pythonBin: z.string().default('python'),
  bwrapBin: z.string().default('bwrap'),
  maxTimeoutMs: z.number().positive().default(30_000),
  /** Runs at once. */
  concurrency: z.int().min(1).default(4),
  /** Runs that wait for a place; more are refused. */
  queue: z.int().min(0).default(32),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type CodeRunnerConfig = z.output<typeof CodeRunnerConfig>;

/** Waiting runs for each that is under way. */
const QUEUE_FACTOR = 8;

/** Those of the platform's settings that this role needs: no address of Postgres or NATS, and no secret. */
const NEEDED = {
  AGENT_PLATFORM_HTTP_HOST: SETTINGS.AGENT_PLATFORM_HTTP_HOST,
  AGENT_PLATFORM_CODE_RUNNER_PORT: SETTINGS.AGENT_PLATFORM_CODE_RUNNER_PORT,
  AGENT_PLATFORM_CODE_LANGUAGES: SETTINGS.AGENT_PLATFORM_CODE_LANGUAGES,
  AGENT_PLATFORM_PYTHON_BIN: SETTINGS.AGENT_PLATFORM_PYTHON_BIN,
  AGENT_PLATFORM_BWRAP_BIN: SETTINGS.AGENT_PLATFORM_BWRAP_BIN,
  AGENT_PLATFORM_MAX_TIMEOUT_SECONDS: SETTINGS.AGENT_PLATFORM_MAX_TIMEOUT_SECONDS,
  AGENT_PLATFORM_CODE_CONCURRENCY: SETTINGS.AGENT_PLATFORM_CODE_CONCURRENCY,
  AGENT_PLATFORM_LOG_LEVEL: SETTINGS.AGENT_PLATFORM_LOG_LEVEL,
};

/** Settings from the environment; an empty variable counts as absent. Throws Failure('invalid', 'bad-config') with every mistake. */
export function readCodeRunnerConfig(env: NodeJS.ProcessEnv): CodeRunnerConfig {
  const settings = readSettings(NEEDED, env);
  return CodeRunnerConfig.parse({
    host: settings.AGENT_PLATFORM_HTTP_HOST,
    port: settings.AGENT_PLATFORM_CODE_RUNNER_PORT,
    languages: settings.AGENT_PLATFORM_CODE_LANGUAGES,
    pythonBin: settings.AGENT_PLATFORM_PYTHON_BIN,
    bwrapBin: settings.AGENT_PLATFORM_BWRAP_BIN,
    maxTimeoutMs: settings.AGENT_PLATFORM_MAX_TIMEOUT_SECONDS * 1000,
    concurrency: settings.AGENT_PLATFORM_CODE_CONCURRENCY,
    queue: settings.AGENT_PLATFORM_CODE_CONCURRENCY * QUEUE_FACTOR,
    logLevel: settings.AGENT_PLATFORM_LOG_LEVEL,
  });
}
