import { budgetAccountFeature } from '@agent-platform/budget-account/index';
import { budgetFeature } from '@agent-platform/budget/index';
import type { Base } from '@agent-platform/service/base';
import { readConfig } from '@agent-platform/service/config';

/** The log of this process, opened when it is asked for, and again after a failure. */
export function createBudgetBase(): { open(): Promise<Base>; close(): Promise<void> } {
  let opening: Promise<Base> | null = null;
  return {
    open: () =>
      (opening ??= import('@agent-platform/service/base')
        .then(({ openBase }) => openBase(readConfig(), 'model-gateway', [budgetFeature, budgetAccountFeature]))
        .catch((error: unknown) => {
          opening = null;
          throw error;
        })),
    close: async () => (await opening?.catch(() => null))?.close(),
  };
}
