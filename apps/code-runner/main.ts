import { onShutdown, startOrExit } from '@agent-platform/service/run-role';
import { readCodeRunnerConfig } from './code-runner.config.ts';
import { startCodeRunner } from './start.ts';

await startOrExit(async () => {
  const runner = await startCodeRunner(readCodeRunnerConfig(process.env));
  onShutdown(() => runner.close());
});
