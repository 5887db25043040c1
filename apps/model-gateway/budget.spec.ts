import { describe, expect, it } from 'vitest';
import { promptAtMost, writtenAtMost } from './budget.estimate.ts';
import type { Amount, Budgets } from './budget.keeper.ts';
import { periodStart, resetsAt } from './budget.period.ts';
import { createBudgetedBackend } from './budgeted.backend.ts';
import type { Backend, BackendCall } from './backend.ts';
import { createPricing } from './usage.price.ts';

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

  it('is what the request allows to be written, for each answer, else what the budget says', () => {
    const written = (body: object) => writtenAtMost(body, 1000);
    expect(
      [{}, { max_tokens: 5 }, { max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: null, n: 3 }, { max_tokens: 5, n: 2 }, { max_tokens: 'x' }].map(
        written,
      ),
    ).toEqual([1000, 5, 7, 3000, 10, 1000]);
  });

  it('is in money that of the dearest model that may be asked', async () => {
    let most: Amount | undefined;
    const budgets: Budgets = {
      async reserve(_label, of) {
        most = await of({ scope: 'workspace', subject_id: null, period: 'day', limit_tokens: null, limit_usd: '1', output_tokens: 100 });
        return null;
      },
      close: () => Promise.resolve(),
    };
    const answer = { status: 200, headers: {}, body: '{}' };
    const targets = ['unpriced', 'cheap', 'dear'].map((model) => ({ provider: 'p', model }));
    const backend = { defaultModel: 'm', targets: () => targets, chat: () => Promise.resolve(answer) } as unknown as Backend;
    const price = createPricing({ cheap: { input: '0', output: '1' }, dear: { input: '0', output: '2' } });
    const call = { label: {}, signal: new AbortController().signal } as unknown as BackendCall;
    await createBudgetedBackend(backend, budgets, price).chat({ messages: [{ role: 'user', content: 'x' }], max_tokens: 500_000 }, call);
    expect(most?.usd).toBe('1');
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
