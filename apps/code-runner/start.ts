import { openSandbox, type LanguageHealth } from '@agent-platform/adapter-sandbox/index';
import { createLogger } from '@agent-platform/service/log';
import { createAdmission } from './admission.ts';
import type { CodeRunnerConfig } from './code-runner.config.ts';
import { buildCodeRunner } from './code-runner.http.ts';

export interface CodeRunner {
  /** Where it listens, e.g. `http://127.0.0.1:8006`. */
  readonly url: string;
  /** What each language runs in, as far as it is known now. */
  languages(): Readonly<Record<string, LanguageHealth>>;
  /** Resolves when every language has its tier, and as many guests wait as should. */
  warm(): Promise<void>;
  /** Takes no new runs, lets those under way end: each has a deadline. */
  close(): Promise<void>;
}

/** Each waiting guest of Pyodide holds 200 MB. */
const RUNS_PER_WAITING_PYTHON = 4;

/**
 * Probes the sandbox for JavaScript, then listens and goes on with Python: what is to run in it waits. A language without
 * a sandbox is refused, with the remedy; nothing runs without one.
 */
export async function startCodeRunner(config: CodeRunnerConfig): Promise<CodeRunner> {
  const logger = createLogger('code-runner', config.logLevel);
  const { concurrency, languages, pythonBin, bwrapBin, maxTimeoutMs } = config;
  const warmPython = Math.ceil(concurrency / RUNS_PER_WAITING_PYTHON);
  const sandbox = await openSandbox({ languages, pythonBin, bwrapBin, maxTimeoutMs, warmJavascript: concurrency, warmPython });
  const app = buildCodeRunner(sandbox, createAdmission(concurrency, config.queue), logger);
  const url = await app.listen({ host: config.host, port: config.port });
  logger.info({ url }, 'the code runner listens');
  sandbox.warm().then(
    () => logger.info({ languages: sandbox.languages() }, 'the sandbox is ready'),
    (error: unknown) => logger.warn({ err: error, languages: sandbox.languages() }, 'no guest waits'),
  );
  return {
    url,
    languages: sandbox.languages,
    warm: sandbox.warm,
    async close() {
      await app.close();
      await sandbox.close();
    },
  };
}
