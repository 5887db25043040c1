import { Failure } from '@agent-platform/kernel/index';
import type { CodePort } from '@agent-platform/ports/code.port';
import { createLanguageRunner, type LanguageHealth, type LanguageRunner } from './language.runner.ts';
import { type Choice, chooseJavascript, choosePython } from './tier.choice.ts';
import { type Language, LANGUAGES } from './tier.ts';

export interface SandboxOptions {
  /** Those that are to be run; default all. */
  readonly languages?: readonly Language[];
  /** Python's interpreter: a path, or a name on PATH. */
  readonly pythonBin: string;
  /** bubblewrap: a path, or a name on PATH. */
  readonly bwrapBin: string;
  /** Longest run, in milliseconds; a longer timeout is cut to it. */
  readonly maxTimeoutMs: number;
  /** JavaScript guests that wait for work. */
  readonly warmJavascript: number;
  readonly warmPython: number;
}

export interface Sandbox extends CodePort {
  /** What each language runs in, as far as it is known now. */
  languages(): Readonly<Record<Language, LanguageHealth>>;
  /** Resolves when every language has its tier, and the pools are full. */
  warm(): Promise<void>;
  /** Kills the guests that wait. Those that run are ended by their callers' signals. */
  close(): Promise<void>;
}

/**
 * Finds out by canaries which walls stand here, and opens a sandbox for the languages that have some. Resolves when
 * that is known of JavaScript; Python, which takes longer, follows, and what is to run in it waits. Never throws.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { languages: wanted = LANGUAGES } = options;
  const closing = new AbortController();
  const search = { ...options, signal: closing.signal };
  const choose = (language: Language, choice: () => Promise<Choice>): Promise<Choice> => (wanted.includes(language) ? choice() : Promise.resolve(OFF));
  const javascript = choose('javascript', () => chooseJavascript(search));
  // Not at the same time: the one that is waited for would be slower.
  const python = choose('python', () => javascript.then(() => choosePython(search)));
  const runners: Readonly<Record<Language, LanguageRunner>> = {
    javascript: createLanguageRunner('javascript', javascript, options.warmJavascript),
    python: createLanguageRunner('python', python, options.warmPython),
  };
  const all = Object.values(runners);
  await javascript;
  return {
    languages: () => ({ javascript: runners.javascript.health(), python: runners.python.health() }),
    run(request, { signal }) {
      const { language, timeout_ms } = request;
      return isLanguage(language) ? runners[language].run(request, Math.min(timeout_ms, options.maxTimeoutMs), signal) : Promise.reject(unsupported(language));
    },
    async warm() {
      await Promise.all(all.map((runner) => runner.warm()));
    },
    async close() {
      closing.abort();
      await Promise.all(all.map((runner) => runner.close()));
    },
  };
}

const OFF: Choice = { unavailable: 'it is switched off. Name it in AGENT_PLATFORM_CODE_LANGUAGES.' };

const isLanguage = (language: string): language is Language => LANGUAGES.some((known) => known === language);

const unsupported = (language: string): Failure =>
  new Failure('invalid', 'code-language-unsupported', `The language "${language}" is not supported.`, {
    errors: [{ field: '/language', rule: `must be one of ${LANGUAGES.join(', ')}`, remedy: 'translate the code' }],
  });
