import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { DatabasePool } from 'slonik';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { budgetAccountFeature } from '@agent-platform/budget-account/index';
import { budgetFeature } from '@agent-platform/budget/index';
import { createEventLog, type EventLog, migrate, openPool } from '@agent-platform/event-log/index';
import { hasNativePostgres, startNativePostgres, type TestPostgres } from '@agent-platform/event-log/testing/native-postgres';
import { createCommandHandler } from '@agent-platform/runtime/handle-command';
import { createLookup, FeatureIndex } from '@agent-platform/runtime/lookup';
import { StreamStates } from '@agent-platform/runtime/stream-states';
import { type Amount, type Budgets, createBudgetKeeper } from './budget.keeper.ts';
import { createBudgetPlan } from './budget.plan.ts';
import type { CallLabel } from './call.label.ts';
import { OpenAiError } from './openai.error.ts';

const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const cleanups: (() => unknown)[] = [];

describe.skipIf(!hasNativePostgres())('budgets on Postgres', () => {
  let server: TestPostgres;
  let pool: DatabasePool;
  let log: EventLog;
  beforeAll(async () => {
    server = await startNativePostgres();
    await migrate(server.url);
    pool = await openPool(server.url, { connections: 4 });
    log = await createEventLog({ pool });
  }, 60_000);
  afterAll(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
    await log.close();
    await pool.end();
    await server.stop();
  }, 30_000);

  /** A gateway's keeper: with a log and a memory of its own, as another process would have. */
  async function gateway(options: { leaseMs?: number; patienceMs?: number } = {}): Promise<Budgets> {
    const own = await createEventLog({ pool });
    const keeper = createBudgetKeeper({
      log: own,
      states: new StreamStates({ log: own, logger }),
      now: () => new Date().toISOString(),
      appended: () => undefined,
      logger,
      leaseMs: options.leaseMs ?? 60_000,
      patienceMs: options.patienceMs ?? 5_000,
    });
    cleanups.push(async () => {
      await keeper.close();
      await own.close();
    });
    return keeper;
  }

  /** Sets budgets in a workspace of its own, as the commands role does. */
  async function workspace(...budgets: readonly object[]) {
    const id = `w${randomUUID().slice(0, 8)}`;
    const features = new FeatureIndex([budgetFeature, budgetAccountFeature]);
    const states = new StreamStates({ log, logger });
    const clock = { now: () => new Date().toISOString(), close: () => undefined };
    const commands = createCommandHandler({ log, features, states, lookup: createLookup(log, features, states), clock, appended: () => undefined });
    const cause = { actor: 'test', correlation_id: 'test' };
    const set = (data: object) => commands({ type: 'budget.set', workspace_id: id, data, cause });
    for (const budget of budgets) await set(budget);
    const remove = (budget_id: string) => commands({ type: 'budget.remove', workspace_id: id, data: { budget_id }, cause });
    return { id, set, remove };
  }

  const whose = (workspace_id: string, more: Partial<CallLabel> = {}): CallLabel => ({
    workspace_id,
    run_id: null,
    skill_run_id: null,
    node_id: null,
    agent_id: null,
    ...more,
  });
  const most =
    (tokens: number, usd = '0', least = tokens) =>
    () =>
      Promise.resolve({ most: { tokens, usd }, least: { tokens: least, usd } });
  const codeOf = (asking: Promise<unknown>) =>
    asking.then(
      () => 'admitted',
      (error: unknown) => {
        if (error instanceof OpenAiError) return error.code;
        throw error;
      },
    );
  /** What was held back is settled soon; a patient gateway waits for that. */
  const spend = async (keeper: Budgets, label: CallLabel, took: Amount) => (await keeper.reserve(label, most(10, '1'), never))?.settle(took);

  test('a workspace without budgets is not held up, nor is one whose budget was removed; a new one counts at once', async () => {
    const { id, set, remove } = await workspace();
    const keeper = await gateway();
    expect(await keeper.reserve(whose(id), most(10), never)).toBeNull();
    await set({ budget_id: 'b', scope: 'workspace', limit_tokens: 0 });
    expect(await codeOf(keeper.reserve(whose(id), most(10), never))).toBe('budget_exceeded');
    await set({ budget_id: 'b', scope: 'workspace', limit_tokens: 5 });
    const hold = await keeper.reserve(whose(id), most(10), never);
    hold?.settle({ tokens: 0, usd: '0' });
    await remove('b');
    expect(await keeper.reserve(whose(id), most(10), never)).toBeNull();
  });

  test('a plan is read again after a hint, and without one when it is old', async () => {
    const { id, set } = await workspace();
    const own = await createEventLog({ pool });
    let reads = 0;
    let hint: (workspaceId: string) => void = () => undefined;
    const counted = { readStream: (...asked: Parameters<EventLog['readStream']>) => (reads++, own.readStream(...asked)) };
    const plan = createBudgetPlan(counted, (changed) => {
      hint = changed;
      return () => undefined;
    });
    cleanups.push(() => own.close());
    const found = async () => (await plan.of(whose(id))).length;
    expect([await found(), await found(), reads]).toEqual([0, 0, 1]);
    await set({ budget_id: 'b', scope: 'workspace', limit_tokens: 1 });
    expect([await found(), reads]).toEqual([0, 1]);
    hint(id);
    expect([await found(), await found(), reads]).toEqual([1, 1, 2]);
    await set({ budget_id: 'c', scope: 'workspace', limit_tokens: 1 });
    await expect.poll(found).toBe(2);
  });

  test('a refusal says which limit, how much is left and when it begins anew', async () => {
    const { id } = await workspace({ budget_id: 'money', scope: 'agent', period: 'month', limit_usd: '1.5', limit_tokens: 100 });
    const keeper = await gateway();
    const label = whose(id, { agent_id: 'ann' });
    await spend(keeper, label, { tokens: 30, usd: '1.6' });
    const error = await keeper.reserve(label, most(1), never).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 402, code: 'budget_exceeded' });
    expect((error as OpenAiError).body.error).toMatchObject({
      type: 'insufficient_quota',
      message: expect.stringMatching(
        /^The budget "money" of agent "ann" is reached: 30 of 100 tokens spent, 1\.6 of 1\.5 US dollars spent\. It begins anew at \d{4}-\d\d-01T00:00:00\.000Z/,
      ),
      budget: {
        budget_id: 'money',
        scope: 'agent',
        subject_id: 'ann',
        left_tokens: 70,
        left_usd: '0',
        spent_usd: '1.6',
        resets_at: expect.stringMatching(/-01T00/),
      },
    });
    expect(await codeOf(keeper.reserve(whose(id, { agent_id: 'bob' }), most(1), never))).toBe('admitted');
    expect(await keeper.reserve(whose(id), most(1), never)).toBeNull();
  });

  test('the narrowest limit counts: run, agent and workspace together, and nothing stays held when one refuses', async () => {
    const { id } = await workspace(
      { budget_id: 'all', scope: 'workspace', limit_tokens: 1000 },
      { budget_id: 'run', scope: 'run', period: 'total', limit_tokens: 10 },
      { budget_id: 'ann', scope: 'agent', subject_id: 'ann', limit_tokens: 50 },
    );
    const keeper = await gateway();
    const first = whose(id, { run_id: 'r1', agent_id: 'ann' });
    await spend(keeper, first, { tokens: 12, usd: '0' });
    expect(await codeOf(keeper.reserve(first, most(1), never))).toBe('budget_exceeded');
    const second = whose(id, { run_id: 'r2', agent_id: 'ann' });
    await spend(keeper, second, { tokens: 40, usd: '0' });
    const third = await keeper.reserve(whose(id, { run_id: 'r3', agent_id: 'ann' }), most(1), never).catch((error: unknown) => error);
    expect(third).toMatchObject({ code: 'budget_exceeded', budget: { budget_id: 'ann' } });
    expect(await codeOf(keeper.reserve(whose(id, { run_id: 'r3' }), most(1), never))).toBe('admitted');
  });

  test('many calls through two gateways at once: never more than the limit and one call', async () => {
    const { id } = await workspace({ budget_id: 'b', scope: 'workspace', limit_tokens: 250 });
    const gateways = [await gateway({ patienceMs: 20_000 }), await gateway({ patienceMs: 20_000 })];
    let spent = 0;
    let calls = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const keeper = gateways[index % 2] as Budgets;
        const took = 5 + (index % 16);
        const hold = await keeper.reserve(whose(id), most(20), never).catch((error: OpenAiError) => error.code);
        if (hold === null || typeof hold === 'string') return hold;
        await new Promise((resolve) => setImmediate(resolve));
        spent += took;
        calls++;
        hold.settle({ tokens: took, usd: '0.001' });
        return 'admitted';
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(['admitted', 'budget_exceeded']));
    expect(spent).toBeGreaterThanOrEqual(250);
    expect(spent).toBeLessThan(250 + 20);
    const final = await (await gateway()).reserve(whose(id), most(1), never).catch((error: OpenAiError) => error);
    expect(final).toMatchObject({ code: 'budget_exceeded', budget: { spent_tokens: spent, held_tokens: 0, spent_usd: `${calls / 1000}` } });
  });

  test('calls that can do with less share what is left of a small budget, and one of them is told how much it got', async () => {
    const { id } = await workspace({ budget_id: 'b', scope: 'workspace', limit_tokens: 4000 }, { budget_id: 'c', scope: 'workspace', limit_tokens: 8000 });
    const impatient = await gateway({ patienceMs: 0 });
    const holds = [];
    for (let call = 0; call < 3; call++) holds.push(await impatient.reserve(whose(id), most(20_000, '0', 500), never));
    // A quarter of the 4000, of the 3000 that are left then, and of the 2250.
    expect(holds.map((hold) => Math.round(500 + (hold?.part ?? 0) * 19_500))).toEqual([1000, 750, 562]);
    expect(await impatient.reserve(whose(id), most(400), never)).toMatchObject({ part: 1 });
    for (const hold of holds) hold?.settle({ tokens: 1, usd: '0' });
  });

  test('what is held back is waited for, as long as the caller waits', async () => {
    const { id } = await workspace({ budget_id: 'b', scope: 'workspace', limit_tokens: 100 });
    const [one, other, impatient] = [await gateway(), await gateway(), await gateway({ patienceMs: 0 })];
    const hold = await one.reserve(whose(id), most(100), never);
    expect(await impatient.reserve(whose(id), most(1), never).catch((error: unknown) => error)).toMatchObject({
      status: 429,
      code: 'budget_held',
      retryAfterSeconds: 1,
    });
    const leaving = new AbortController();
    const left = codeOf(other.reserve(whose(id), most(1), leaving.signal));
    const waiting = codeOf(other.reserve(whose(id), most(1), never));
    leaving.abort();
    expect(await left).toBe('client_closed');
    hold?.settle({ tokens: 5, usd: '0' });
    expect(await waiting).toBe('admitted');
  });

  test('a gateway that is gone holds nothing for ever, and one that lives keeps what it holds', async () => {
    const { id } = await workspace({ budget_id: 'b', scope: 'workspace', limit_tokens: 100 });
    const [dead, alive] = [await gateway({ leaseMs: 200 }), await gateway({ leaseMs: 300 })];
    const lost = await dead.reserve(whose(id), most(100), never);
    // It never beats again, as after SIGKILL.
    await dead.close();
    const held = await alive.reserve(whose(id), most(100), never);
    expect(held).not.toBeNull();
    const other = await gateway({ patienceMs: 900 });
    expect(await codeOf(other.reserve(whose(id), most(1), never))).toBe('budget_held');
    // It was only slow after all: what its call took counts.
    lost?.settle({ tokens: 60, usd: '0' });
    held?.settle({ tokens: 50, usd: '0' });
    await expect.poll(() => codeOf(alive.reserve(whose(id), most(1), never))).toBe('budget_exceeded');
  });

  test('without the log no call is let through', async () => {
    const gone = { ...log, readStream: () => Promise.reject(new Error('away')) };
    const keeper = createBudgetKeeper({
      log: gone,
      states: new StreamStates({ log, logger }),
      now: () => '',
      appended: () => undefined,
      logger,
      leaseMs: 1000,
    });
    cleanups.push(() => keeper.close());
    expect(await codeOf(keeper.reserve(whose('w'), most(1), never))).toBe('budget_unavailable');
  });
});
