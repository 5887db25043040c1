export { openSandbox, type LanguageHealth, type Sandbox, type SandboxOptions } from './sandbox.ts';
