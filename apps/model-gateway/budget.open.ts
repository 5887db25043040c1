import { z } from 'zod';
import { budgetFeature } from '@agent-platform/budget/index';
import { pokes } from '@agent-platform/contracts/kit/index';
import { onRoleMessage } from '@agent-platform/messaging/role-message';
import type { Base } from '@agent-platform/service/base';
import { type Budgets, createBudgetKeeper } from './budget.keeper.ts';
import type { PlanHints } from './budget.plan.ts';
import { budgetsUnavailable } from './budget.refusal.ts';

/** A gateway that is only slow, or paused, keeps what it holds back longer than an executor keeps its runs: it costs nobody their work. */
const LEASES = 4;

/** Budgets on the log of a process, which may be opened later than this: with the first call that asks. */
export function createBudgets(open: () => Promise<Base>): Budgets {
  let opened: Promise<Budgets> | null = null;
  const keeper = (): Promise<Budgets> =>
    (opened ??= open().then(
      ({ log, states, clock, appended, logger, config, nats, roleKey }) =>
        createBudgetKeeper({
          log,
          states,
          now: clock.now,
          appended,
          logger,
          hints: hintsOver(nats, roleKey),
          leaseMs: config.AGENT_PLATFORM_LEASE_SECONDS * LEASES * 1000,
        }),
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

/** Whoever changes a budget says so before the change is answered. */
const hintsOver =
  (nats: Base['nats'], roleKey: Base['roleKey']): PlanHints =>
  (changed) =>
    onRoleMessage(nats, roleKey, pokes.hint(budgetFeature.contract.category, '>'), (events) => {
      const hinted = z.array(z.object({ workspace_id: z.string() })).safeParse(events);
      for (const { workspace_id } of hinted.data ?? []) changed(workspace_id);
    });
