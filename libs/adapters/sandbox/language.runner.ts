import { Failure } from '@agent-platform/kernel/index';
import type { CodeOutcome, CodeRequest } from '@agent-platform/ports/code.port';
import { outcomeOf } from './guest.outcome.ts';
import { createGuestPool, type GuestPool } from './guest.pool.ts';
import { startGuest } from './guest.process.ts';
import { pyodideSnapshot } from './pyodide.ts';
import type { Choice } from './tier.choice.ts';
import type { Language, Runtime, Tier } from './tier.ts';

/** What a language runs in, or why it doesn't. */
export type LanguageHealth =
  | {
      readonly tier: Tier['name'];
      readonly own_user: boolean;
      readonly limits: boolean;
      /** Why stronger tiers are not used. */
      readonly passed_over?: string;
    }
  | { readonly unavailable: string }
  /** Canaries are still trying to get out. */
  | { readonly probing: true };

/** One language of a sandbox. What runs waits for the choice of its tier. */
export interface LanguageRunner {
  health(): LanguageHealth;
  /** Resolves when its tier is chosen, and its pool is full. */
  warm(): Promise<void>;
  /** Throws as CodePort does. */
  run(request: CodeRequest, timeoutMs: number, signal: AbortSignal): Promise<CodeOutcome>;
  close(): Promise<void>;
}

/** `choice` never rejects. `waiting` guests are kept ready. */
export function createLanguageRunner(language: Language, choice: Promise<Choice>, waiting: number): LanguageRunner {
  let closed = false;
  let chosen: Choice | undefined;
  const opened = choice.then((made): { readonly tier: Tier; readonly pool: GuestPool } | { readonly unavailable: string } => {
    chosen = made;
    if ('unavailable' in made) return made;
    if (closed) return { unavailable: 'the sandbox is closed.' };
    return { tier: made.tier, pool: createGuestPool(() => startGuest(made.tier), waiting) };
  });
  return {
    health() {
      if (chosen === undefined) return { probing: true };
      if ('unavailable' in chosen) return chosen;
      const { tier, passedOver } = chosen;
      return { tier: tier.name, own_user: tier.ownUser, limits: tier.walls.prlimit !== null, ...(passedOver !== null && { passed_over: passedOver }) };
    },
    async warm() {
      const lane = await opened;
      if ('pool' in lane) await lane.pool.filled();
    },
    async run({ code, input_json }, timeoutMs, signal) {
      const lane = await opened;
      if ('unavailable' in lane) {
        throw new Failure('transient', 'code-language-unavailable', `No ${language} can be run here: ${lane.unavailable}`, { retryAfterSeconds: 60 });
      }
      const { tier, pool } = lane;
      const task = { code, input_json };
      const end = await pool
        .take()
        .run(task, timeoutMs, signal)
        .catch(async (failure: unknown) => {
          if (!(failure instanceof Failure) || failure.code !== 'code-start-failed') throw failure;
          // Somebody killed it while it waited, or took away what it starts from: the next one tells.
          await renew(tier.runtime, signal);
          return pool.take().run(task, timeoutMs, signal);
        });
      // Whoever aborted knows why, and wants no outcome.
      if (end.why === 'aborted') throw new Failure('transient', 'code-aborted', 'The run was given up.', { cause: signal.reason });
      return outcomeOf(end, tier, timeoutMs);
    },
    async close() {
      closed = true;
      const lane = await opened;
      if ('pool' in lane) await lane.pool.close();
    },
  };
}

/** Temporary folders are swept: what guests of Pyodide start from is made anew when it is gone. */
async function renew(runtime: Runtime, signal: AbortSignal): Promise<void> {
  if (runtime.kind === 'pyodide') await pyodideSnapshot(runtime.program, runtime.folder, signal);
}
