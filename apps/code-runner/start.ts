import { openSandbox, type LanguageHealth } from '@agent-platform/adapter-sandbox/index';
import { createLogger } from '@agent-platform/service/log';
import { createAdmission } from './admission.ts';
import type { CodeRunnerConfig } from './code-runner.config.ts';
import { buildCodeRunner } from './code-runner.http.ts';

export interface CodeRunner {
  /** Where it listens, e.g. `http://127.0.0.1:8006`. */
  readonly url: string;
  readonly languages: Readonly<Record<string, LanguageHealth>>;
  /** Takes no new runs, lets those under way end: each has a deadline. */
  close(): Promise<void>;
}

/** Probes the sandbox, then listens. A language without a sandbox is refused, with the remedy; nothing runs without one. */
export async function startCodeRunner(config: CodeRunnerConfig): Promise<CodeRunner> {
  const logger = createLogger('code-runner', config.logLevel);
  const { pythonBin, bwrapBin, maxTimeoutMs, concurrency } = config;
  const sandbox = await openSandbox({ pythonBin, bwrapBin, maxTimeoutMs, warmJavascript: concurrency, warmPython: 1 });
  const app = buildCodeRunner(sandbox, createAdmission(concurrency, config.queue), logger);
  const url = await app.listen({ host: config.host, port: config.port });
  logger.info({ url, languages: sandbox.languages }, 'the code runner listens');
  return {
    url,
    languages: sandbox.languages,
    async close() {
      await app.close();
      await sandbox.close();
    },
  };
}
