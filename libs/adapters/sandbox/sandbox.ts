import { Failure } from '@agent-platform/kernel/index';
import type { CodeOutcome, CodePort } from '@agent-platform/ports/code.port';
import { createGuestPool, type GuestPool } from './guest.pool.ts';
import { outcomeOf } from './guest.outcome.ts';
import { startGuest } from './guest.process.ts';
import { chooseTiers } from './tier.choice.ts';
import { type Language, LANGUAGES, type Tier } from './tier.ts';

export interface SandboxOptions {
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

/** What a language runs in, or why it doesn't. */
export type LanguageHealth = { readonly tier: Tier['name']; readonly own_user: boolean; readonly limits: boolean } | { readonly unavailable: string };

export interface Sandbox extends CodePort {
  readonly languages: Readonly<Record<Language, LanguageHealth>>;
  /** Resolves when the pools are full. */
  warm(): Promise<void>;
  /** Kills the guests that wait. Those that run are ended by their callers' signals. */
  close(): Promise<void>;
}

/** Finds out by canaries which walls stand here, and opens a sandbox for the languages that have some. Never throws. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const tiers = await chooseTiers(options);
  const pools = new Map<Language, GuestPool>();
  for (const language of LANGUAGES) {
    const choice = tiers[language];
    const size = language === 'javascript' ? options.warmJavascript : options.warmPython;
    if ('tier' in choice)
      pools.set(
        language,
        createGuestPool(() => startGuest(choice.tier), size),
      );
  }
  return {
    languages: { javascript: healthOf(tiers.javascript), python: healthOf(tiers.python) },
    async run({ language, code, input_json, timeout_ms }, { signal }): Promise<CodeOutcome> {
      if (!isLanguage(language)) {
        throw new Failure('invalid', 'code-language-unsupported', `The language "${language}" is not supported.`, {
          errors: [{ field: '/language', rule: `must be one of ${LANGUAGES.join(', ')}`, remedy: 'translate the code' }],
        });
      }
      const choice = tiers[language];
      const pool = pools.get(language);
      if (!('tier' in choice) || pool === undefined) {
        const why = 'unavailable' in choice ? choice.unavailable : 'the sandbox is closed';
        throw new Failure('transient', 'code-language-unavailable', `No ${language} can be run here: ${why}`, { retryAfterSeconds: 60 });
      }
      const timeoutMs = Math.min(timeout_ms, options.maxTimeoutMs);
      const end = await pool.take().run({ code, input_json }, timeoutMs, signal);
      // Whoever aborted knows why, and wants no outcome.
      if (end.why === 'aborted') throw new Failure('transient', 'code-aborted', 'The run was given up.', { cause: signal.reason });
      return outcomeOf(end, choice.tier, timeoutMs);
    },
    async warm() {
      await Promise.all([...pools.values()].map((pool) => pool.filled()));
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

const isLanguage = (language: string): language is Language => LANGUAGES.some((known) => known === language);

const healthOf = (choice: { readonly tier: Tier } | { readonly unavailable: string }): LanguageHealth =>
  'tier' in choice ? { tier: choice.tier.name, own_user: choice.tier.ownUser, limits: choice.tier.walls.prlimit !== null } : choice;
