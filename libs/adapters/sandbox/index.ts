export type { LanguageHealth } from './language.runner.ts';
export { openSandbox, type Sandbox } from './sandbox.ts';
