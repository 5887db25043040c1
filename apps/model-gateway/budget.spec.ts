import { describe, expect, it } from 'vitest';
import { askedOutput, openOutput, outputOfPart, promptAtMost } from './budget.estimate.ts';
import type { Budgets, Wanted } from './budget.keeper.ts';
import { periodStart, resetsAt } from './budget.period.ts';
import { createBudgetedBackend } from './budgeted.backend.ts';
import type { Backend, BackendCall } from './backend.ts';
import { createPrices } from './usage.price.ts';

describe('what a call takes at most', () => {
  it('is more than any tokenizer counts of its text, and little for pictures', async () => {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    const texts = [
      'A parcel that arrives late is sent again.',
      'これは荷物です。',
      'for (const x of y) { z += x ** 2; }',
      '🙂🙃 — “quoted”',
      '0123456789'.repeat(20),
    ];
    for (const text of texts) expect(promptAtMost({ messages: [{ role: 'user', content: text }] })).toBeGreaterThanOrEqual(countTokens(text));
    expect(promptAtMost({ image_url: { url: `data:image/png;base64,${'A'.repeat(1_000_000)}` } })).toBeLessThan(3_000);
  });

  it('is what the request allows to be written, for each answer', () => {
    expect([{}, { max_tokens: 5 }, { max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: null, n: 3 }, { max_tokens: 'x' }].map(askedOutput)).toEqual([
      { limit: null, answers: 1 },
      { limit: 5, answers: 1 },
      { limit: 7, answers: 1 },
      { limit: null, answers: 3 },
      { limit: null, answers: 1 },
    ]);
  });

  it('may be less where the request leaves it open, but not so little that it is of no use', () => {
    const open = openOutput(16_384);
    expect([outputOfPart(0, open, [16_384]), outputOfPart(0.5, open, [16_384]), outputOfPart(0.5, open, [16_384, null])]).toEqual([1024, 8704, 4096]);
    expect(openOutput(500)).toEqual({ most: 500, least: 500 });
  });
});

describe('a call that budgets are for', () => {
  const rule = { scope: 'workspace', subject_id: null, period: 'day', limit_tokens: 1, limit_usd: '1', output_tokens: 16_384 } as const;
  const answer = { status: 200, headers: {}, body: '{}' };
  /** What is wanted of budgets and sent to a model, when budgets give a part of it. */
  async function called(body: object, part: number, models = ['unpriced', 'cheap', 'dear']) {
    let wanted: Wanted | undefined;
    let sent: object = {};
    const budgets: Budgets = {
      async reserve(_label, of) {
        wanted = await of(rule);
        return { part, settle: () => undefined };
      },
      close: () => Promise.resolve(),
    };
    const targets = models.map((model) => ({ provider: 'p', model }));
    const chat = async (asked: object) => ((sent = asked), answer);
    const backend = { defaultModel: 'm', targets: () => targets, chat } as unknown as Backend;
    const prices = createPrices({
      cheap: { input: '0', output: '1' },
      dear: { input: '0', output: '2' },
      small: { input: '0', output: '1', max_output_tokens: 2000 },
    });
    const call = { label: {}, signal: new AbortController().signal } as unknown as BackendCall;
    const { headers } = await createBudgetedBackend(backend, budgets, prices).chat({ messages: [{ role: 'user', content: 'x' }], ...body }, call);
    return { most: wanted?.most, least: wanted?.least, sent: 'max_tokens' in sent ? sent.max_tokens : null, told: headers['x-max-tokens'] ?? null };
  }

  it('is reckoned in money by the dearest model that may be asked, with all that the request names', async () => {
    expect(await called({ max_tokens: 500_000 }, 0)).toMatchObject({ most: { usd: '1' }, least: { usd: '1' }, sent: 500_000, told: null });
    expect((await called({ n: 3 }, 1)).most?.usd).toBe('0.098304');
  });

  it('gets a max_tokens when little is left and it names none, by what its models can write', async () => {
    expect(await called({}, 1)).toMatchObject({ most: { usd: '0.032768' }, least: { usd: '0.002048' }, sent: null, told: null });
    expect(await called({}, 0)).toMatchObject({ sent: 1024, told: '1024' });
    expect(await called({}, 0.9)).toMatchObject({ sent: 4096, told: '4096' });
    expect(await called({}, 0.5, ['small'])).toMatchObject({ most: { usd: '0.002' }, sent: 1512 });
    expect((await called({}, 1, [])).most?.tokens).toBeGreaterThan(16_384);
  });
});

describe('periods', () => {
  it('begin at midnight UTC', () => {
    const now = '2026-12-31T23:59:59.999Z';
    expect((['day', 'month', 'total'] as const).map((period) => [periodStart(period, now), resetsAt(period, now)])).toEqual([
      ['2026-12-31', '2027-01-01T00:00:00.000Z'],
      ['2026-12', '2027-01-01T00:00:00.000Z'],
      ['total', null],
    ]);
  });
});
