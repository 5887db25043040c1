import { expect, test } from 'vitest';
import { type Line, linesOf, pagesOf } from './pdf.lines.ts';

const piece = (str: string, size: number, hasEOL = true) => ({ str, hasEOL, transform: [size, 0, 0, size, 72, 700] });
const line = (text: string, size = 10): Line => ({ text, size });
const body = 'A line of the usual size, of which there are many.';

test('lines are put together of pieces, and have the size of most of their letters', () => {
  expect(linesOf([piece('Re', 12, false), piece('funds  are ', 12, false), piece('1', 6), piece('next', 10)])).toEqual([
    line('Refunds are 1', 12),
    line('next'),
  ]);
  expect(linesOf([])).toEqual([]);
});

test('large lines are headings, the largest of the first level; one that goes on in the next line is one', () => {
  const pages = pagesOf([
    [line('Handbook of', 20), line('the shop', 20), line(body), line('Refunds', 14), line(body), line(body)],
    [line('Parcels', 14), line('# no heading'), line('1 Start . . . . . . 7', 14), line(body), line('1', 30)],
  ]);
  expect(pages).toEqual([
    `# Handbook of the shop\n\n${body}\n\n## Refunds\n\n${body}\n${body}`,
    // A number alone is no heading, however large; nor is a line of a table of contents, or a mark that was printed.
    `## Parcels\n\n\\# no heading\n1 Start . . . . . . 7\n${body}\n1`,
  ]);
});

test('a text of one size, and one that says no sizes, has none', () => {
  expect(pagesOf([[line('Title'), line(body)]])).toEqual([`Title\n${body}`]);
  expect(pagesOf([[line('Title', 0), line(body, 0)], []])).toEqual([`Title\n${body}`, '']);
});
