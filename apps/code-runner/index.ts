export { startCodeRunner } from './start.ts';
export { readCodeRunnerConfig, type CodeRunnerConfig } from './code-runner.config.ts';
