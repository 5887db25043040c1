export { startCodeRunner, type CodeRunner } from './start.ts';
export { readCodeRunnerConfig, type CodeRunnerConfig } from './code-runner.config.ts';
