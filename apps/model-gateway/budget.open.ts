import type { Base } from '@agent-platform/service/base';
import { type Budgets, createBudgetKeeper } from './budget.keeper.ts';
import { budgetsUnavailable } from './budget.refusal.ts';

/** A gateway that is only slow, or paused, keeps what it holds back longer than an executor keeps its runs: it costs nobody their work. */
const LEASES = 4;

/** Budgets on the log of a process, which may be opened later than this: with the first call that asks. */
export function createBudgets(open: () => Promise<Base>): Budgets {
  let opened: Promise<Budgets> | null = null;
  const keeper = (): Promise<Budgets> =>
    (opened ??= open().then(
      ({ log, states, clock, appended, logger, config }) =>
        createBudgetKeeper({ log, states, now: clock.now, appended, logger, leaseMs: config.AGENT_PLATFORM_LEASE_SECONDS * LEASES * 1000 }),
      (error: unknown) => {
        opened = null;
        throw error;
      },
    ));
  return {
    async reserve(...asked) {
      const budgets = await keeper().catch((error: unknown) => Promise.reject(budgetsUnavailable(error)));
      return budgets.reserve(...asked);
    },
    close: async () => (await opened?.catch(() => null))?.close(),
  };
}
