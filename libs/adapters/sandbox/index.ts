export { openSandbox, type LanguageHealth, type Sandbox } from './sandbox.ts';
