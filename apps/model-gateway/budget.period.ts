import type { BudgetRule } from '@agent-platform/contracts/budget/budget.contract';

/** Day or month of an ISO instant, as accounts are named by it. */
export const periodStart = (period: BudgetRule['period'], now: string): string => (period === 'total' ? 'total' : now.slice(0, period === 'day' ? 10 : 7));

/** When the next period begins, ISO; null: never. */
export function resetsAt(period: BudgetRule['period'], now: string): string | null {
  if (period === 'total') return null;
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return new Date(period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1)).toISOString();
}
