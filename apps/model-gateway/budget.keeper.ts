import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { BudgetRule } from '@agent-platform/contracts/budget/budget.contract';
import { deterministicUuid, type Rejection } from '@agent-platform/kernel/index';
import { toUnits } from '@agent-platform/kernel/money';
import type { Logger } from '@agent-platform/service/log';
import { type AccountLog, BudgetAccount } from './budget.account.ts';
import { periodStart } from './budget.period.ts';
import { type Applying, createBudgetPlan, type PlanHints } from './budget.plan.ts';
import { budgetRefusal, budgetsUnavailable } from './budget.refusal.ts';
import type { CallLabel } from './call.label.ts';
import { OpenAiError } from './openai.error.ts';
import { Remembered } from './remembered.ts';

/** Tokens of prompt and completion, and US dollars. */
export interface Amount {
  readonly tokens: number;
  readonly usd: string;
}

/** What a call may take, and what it can do with when little is left. */
export interface Wanted {
  readonly most: Amount;
  readonly least: Amount;
}

/** What is held back for a call; told once what the call took, it gives the rest back. Never throws. */
export interface Hold {
  /** 1: the most is held back. Less: of what is between the least and the most only this part. */
  readonly part: number;
  settle(took: Amount): void;
}

export interface Budgets {
  /**
   * Holds back what a call may take, of every budget that it is for; null when it is for none. Waits for calls under way
   * that hold back what is left. Throws OpenAiError 402 `budget_exceeded`, 429 `budget_held`, 503 `budget_unavailable`.
   */
  reserve(label: CallLabel, wanted: (rule: BudgetRule) => Promise<Wanted>, signal: AbortSignal): Promise<Hold | null>;
  /** Waits, but not for ever, until everything is settled. */
  close(): Promise<void>;
}

/** Other gateways settle too: so often it is looked. */
const LOOK_AGAIN_MS = 250;
/** Accounts that are remembered. */
const ACCOUNTS = 5_000;
const AGAIN_MS = 500;
const LAST_MS = 5_000;

export interface BudgetKeeperOptions extends AccountLog {
  readonly logger: Logger;
  readonly hints?: PlanHints;
  /** So long after its last word a gateway is taken for dead, and what it holds back is free. */
  readonly leaseMs: number;
  /** Longest wait for calls under way, in milliseconds. */
  readonly patienceMs?: number;
}

/**
 * Keeps calls of models within the budgets of their workspace. What it promises, over any number of gateways: a call is
 * admitted only while its limits are not reached by what was spent and what is held back, so when every call takes no more than
 * was held back for it, a limit is overspent by less than one call. When a gateway is killed, what its calls took is
 * unknown and counts as nothing; what it held back is free after `leaseMs` of its silence. While the log is away, calls that
 * a budget might be for are refused.
 */
export function createBudgetKeeper(options: BudgetKeeperOptions): Budgets {
  const { log, now, logger, leaseMs, hints = null, patienceMs = 30_000 } = options;
  const holder = randomUUIDv7();
  const accounts = new Remembered<BudgetAccount>(ACCOUNTS, ({ idle }) => idle);
  const plan = createBudgetPlan(log, hints);
  const settling = new Set<Promise<void>>();
  const closing = new AbortController();
  const until = () => new Date(Date.parse(now()) + leaseMs).toISOString();

  const accountOf = (workspace_id: string, account_id: string): BudgetAccount => {
    const account = accounts.get(account_id) ?? new BudgetAccount(options, { workspace_id, category: 'budget_account', stream_id: account_id });
    accounts.set(account_id, account);
    return account;
  };

  /** Until it is in the log: what was spent is a fact. */
  const settle = async (account: BudgetAccount, call_id: string, took: Amount): Promise<void> => {
    const data = { account_id: account.stream.stream_id, call_id, ...took };
    while (!closing.signal.aborted) {
      const failed = await account.book({ type: 'budget_account.settle', data }).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      account.holds.delete(call_id);
      if (!failed) return;
      logger.warn({ err: failed.error, call_id }, 'a call is not settled yet: the log does not answer');
      await wait(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    logger.error({ ...data }, 'call not settled: the log is away');
  };
  const settleSoon = (account: BudgetAccount, call_id: string, took: Amount): void => {
    const running = settle(account, call_id, took).finally(() => settling.delete(running));
    settling.add(running);
  };

  const beat = setInterval(() => {
    for (const account of accounts.values()) {
      if (account.holds.size === 0) continue;
      const data = { account_id: account.stream.stream_id, holder, until: until() };
      account.book({ type: 'budget_account.keep', data }).catch((error: unknown) => logger.warn({ err: error }, 'reservations are not extended'));
    }
  }, leaseMs / 3).unref();

  const claimOf = async (applying: Applying, workspace_id: string, wanting: (rule: BudgetRule) => Promise<Wanted>): Promise<Claim> => {
    const { budget_id, subject_id, rule } = applying;
    const { limit_tokens, limit_usd, scope } = rule;
    const period_start = periodStart(rule.period, now());
    const account_id = deterministicUuid(`budget/${workspace_id}/${budget_id}/${scope}/${subject_id ?? ''}/${period_start}`);
    const wanted = await wanting(rule);
    const { most, least } = wanted;
    const amount = { ...most, least_tokens: least.tokens, least_usd: least.usd };
    const data = { account_id, budget_id, scope, subject_id, period_start, holder, ...amount, limit_tokens, limit_usd };
    return {
      applying,
      wanted,
      account: accountOf(workspace_id, account_id),
      command: (call_id) => ({ type: 'budget_account.reserve', data: { ...data, call_id, until: until() } }),
    };
  };

  /** Books all claims or none: what the call gets, or why it does not. Throws when the log does not answer. */
  const book = async (claims: readonly Claim[], call_id: string): Promise<Refused | Hold> => {
    // Looked at first: what one budget admits and another refuses would be two events for nothing.
    const seen = claims.length < 2 ? [] : await Promise.all(claims.map(async (claim) => ({ claim, ...(await claim.account.peek(claim.command(call_id))) })));
    const before = seen.find(isRefused);
    if (before) return before;
    for (const { account } of claims) account.holds.add(call_id);
    const booked = await Promise.allSettled(claims.map(async (claim) => ({ claim, ...(await claim.account.book(claim.command(call_id))) })));
    const refused = booked.flatMap((one) => (one.status === 'fulfilled' && isRefused(one.value) ? [one.value] : []));
    const lost = booked.find((one) => one.status === 'rejected');
    if (refused.length === 0 && !lost) {
      const parts = booked.map((one) => (one.status === 'fulfilled' ? partOf(one.value, call_id) : 1));
      return holdOf(claims, Math.min(...parts), (account, took) => settleSoon(account, call_id, took));
    }
    // What is not known to be in the log may be there.
    for (const { account } of claims) {
      if (refused.some(({ claim }) => claim.account === account)) account.holds.delete(call_id);
      else settleSoon(account, call_id, { tokens: 0, usd: '0' });
    }
    const [first] = refused;
    if (lost || !first) throw lost?.reason;
    return first;
  };

  const reserve: Budgets['reserve'] = async (label, wanted, signal) => {
    const applying = await plan.of(label);
    if (applying.length === 0) return null;
    const claims = await Promise.all(applying.map((one) => claimOf(one, label.workspace_id, wanted)));
    const patience = performance.now() + patienceMs;
    for (;;) {
      // A new one each time: giving back what the last attempt got may still be under way.
      const call_id = randomUUIDv7();
      const booked = await book(claims, call_id);
      if ('part' in booked) return booked;
      const { claim, rejection, state } = booked;
      const error = budgetRefusal(claim.applying, rejection, state, now());
      if (error.code !== 'budget_held' || performance.now() >= patience) throw error;
      await claim.account.changed(LOOK_AGAIN_MS, signal);
      if (signal.aborted) throw new OpenAiError(499, 'client_closed', 'The caller has gone.');
    }
  };

  return {
    reserve: (label, wanted, signal) =>
      reserve(label, wanted, signal).catch((error: unknown) => {
        throw error instanceof OpenAiError ? error : budgetsUnavailable(error);
      }),
    async close() {
      clearInterval(beat);
      plan.close();
      const patience = setTimeout(() => closing.abort(), LAST_MS);
      while (settling.size > 0) await Promise.all(settling);
      clearTimeout(patience);
    },
  };
}

interface Claim {
  readonly applying: Applying;
  readonly account: BudgetAccount;
  readonly wanted: Wanted;
  command(call_id: string): Parameters<BudgetAccount['book']>[0];
}

type Seen = { readonly claim: Claim } & Awaited<ReturnType<BudgetAccount['book']>>;
type Refused = Seen & { readonly rejection: Rejection };

const isRefused = (seen: Seen): seen is Refused => seen.rejection !== null;

/** How much of what a call can do without it got. */
function partOf({ claim, state }: Seen, call_id: string): number {
  const { most, least } = claim.wanted;
  const got = state.open[call_id] ?? most;
  const part = (of: (amount: Amount) => number) => (of(most) > of(least) ? (of(got) - of(least)) / (of(most) - of(least)) : 1);
  return Math.min(
    part(({ tokens }) => tokens),
    part(({ usd }) => Number(toUnits(usd))),
  );
}

/** Settles every account once, whoever says so. */
function holdOf(claims: readonly Claim[], part: number, settle: (account: BudgetAccount, took: Amount) => void): Hold {
  let open = true;
  return {
    part,
    settle(took) {
      if (open) for (const { account } of claims) settle(account, took);
      open = false;
    },
  };
}
