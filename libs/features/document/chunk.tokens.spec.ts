import { readFileSync } from 'node:fs';
import { countTokens } from 'gpt-tokenizer';
import { expect, test } from 'vitest';
import { estimateTokens } from './chunk.tokens.ts';

test.each([
  ['English', 'Refunds are available within seven days for eligible orders, unless the parcel was opened or the seal is broken. '.repeat(5)],
  ['German', 'Die Rückgabe ist innerhalb von sieben Tagen möglich, sofern die Verpackung ungeöffnet und das Siegel unbeschädigt ist. '.repeat(5)],
  ['Chinese', '退款在七天内提供给符合条件的订单，除非包裹已被打开。'.repeat(5)],
  ['numbers', 'Order 4711-0815 of 2026-11-21: 129.99 EUR, 19% VAT, IBAN DE89370400440532013000. '.repeat(5)],
  ['code', readFileSync(new URL('./chunk.ts', import.meta.url), 'utf8').slice(0, 3000)],
])('%s: near what a tokenizer counts, and not below nine tenths of it', (_name, text) => {
  const real = countTokens(text);
  expect(estimateTokens(text) / real).toBeGreaterThan(0.9);
  expect(estimateTokens(text) / real).toBeLessThan(4);
});
