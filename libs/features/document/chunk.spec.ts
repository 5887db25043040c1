import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkText } from './chunk.ts';

const small = { max_chars: 200, overlap_chars: 60 };
const word = fc.constantFrom('refund', 'a', 'Überweisung', '退款', '🙂🙂', 'x'.repeat(450), '# Title', '## Part', '```', '日本語。');
const gap = fc.constantFrom(' ', '. ', '\n', '\n\n', '! ', '\n# ', '\t', '');
const document = fc.array(fc.tuple(word, gap), { maxLength: 120 }).map((parts) => parts.flat().join(''));
const texts = fc.oneof(document, fc.string({ unit: 'grapheme', maxLength: 3000 }));
const settings = fc.record(
  { max_chars: fc.integer({ min: 200, max: 600 }), overlap_chars: fc.integer({ min: 0, max: 100 }), max_tokens: fc.integer({ min: 50, max: 200 }) },
  { requiredKeys: ['max_chars', 'overlap_chars'] },
);

describe('whatever the text', () => {
  test('chunks lie in order, cover everything but white space, and say where they are', () =>
    fc.assert(
      fc.property(texts, settings, (text, chunking) => {
        let covered = 0;
        chunkText(text, chunking).forEach((chunk, index, all) => {
          const before = all[index - 1];
          expect(chunk.position).toBe(index);
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(chunk.text.length).toBeLessThanOrEqual(chunking.max_chars);
          expect(chunk.tokens).toBeLessThanOrEqual(chunking.max_tokens ?? Number.POSITIVE_INFINITY);
          expect(chunk.text.trim()).toBe(chunk.text);
          expect(chunk.text).not.toBe('');
          expect(chunk.text.isWellFormed()).toBe(text.isWellFormed());
          if (before) {
            expect(chunk.start).toBeGreaterThan(before.start);
            expect(chunk.end).toBeGreaterThan(before.end);
            expect(before.end - chunk.start).toBeLessThanOrEqual(chunking.overlap_chars);
          }
          expect(text.slice(covered, chunk.start).trim()).toBe('');
          covered = chunk.end;
        });
        expect(text.slice(covered).trim()).toBe('');
      }),
      { numRuns: 300 },
    ));
});

test('a short text is one chunk', () => {
  expect(chunkText('Refunds are available within seven days.\n', small)).toEqual([
    { position: 0, start: 0, end: 40, heading: null, tokens: 10, text: 'Refunds are available within seven days.' },
  ]);
  expect(chunkText(' \n ', small)).toEqual([]);
});

test('headings open chunks and are told with them', () => {
  const part = 'Parcels arrive within three days of the order. '.repeat(2);
  const chunks = chunkText(`# Shop\n\n## Shipping\n\n${part}\n\n## Refunds\n\n${part}`, small);
  expect(chunks.map(({ heading }) => heading)).toEqual(['Shop', 'Shop > Refunds']);
  expect(chunks[1]?.text.startsWith('## Refunds')).toBe(true);
});

test('a heading inside a code fence is none', () => {
  expect(chunkText('```\n# not a heading\n```', small)[0]?.heading).toBeNull();
});

test('sentences stay whole, and the last ones are repeated', () => {
  const sentence = (n: number): string => `This is sentence number ${n} of the text.`;
  const text = Array.from({ length: 12 }, (_, n) => sentence(n)).join(' ');
  const chunks = chunkText(text, small);
  expect(chunks.length).toBeGreaterThan(2);
  for (const chunk of chunks) expect(chunk.text).toMatch(/^This .* text\.$/);
  expect(chunks[1]?.text.startsWith(sentence(4))).toBe(true);
  expect(chunks[0]?.text.endsWith(sentence(4))).toBe(true);
});

test('a long text is cut in linear time', () => {
  const text = `${'word '.repeat(60_000)}${'x'.repeat(300_000)}`;
  expect(chunkText(text, { max_chars: 1000, overlap_chars: 150 }).length).toBeGreaterThanOrEqual(600);
});
