import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('HTML: what is read, by blocks, with headings', () => {
  const html = `<!doctype html><html><head><title>x</title><style>p { color: red }</style></head><body>
    <h1>Refund&nbsp;Policy</h1><p>Within <b>seven</b> days &amp; free.<br>Ask&#33; &#x1F642;</p><!-- hidden -->
    <script>if (a < b) { steal() }</script><ul><li>one<li>two</ul></body></html>`;
  expect(plainText(html, 'html')).toBe('# Refund Policy\n\nWithin seven days & free.\nAsk! 🙂\n\none\ntwo');
});

test('CSV: a line per row that names its columns', () => {
  expect(plainText('name,price\r\n"Chair, red",10\n"say ""hi""",\n', 'csv')).toBe('name: Chair, red; price: 10\nname: say "hi"');
  expect(plainText('only one line', 'csv')).toBe('only one line');
});

test('text and markdown stay as they are, but for their line ends', () => expect(plainText('# a\r\nb\rc', 'markdown')).toBe('# a\nb\nc'));

test('nothing throws, and nothing takes long', () => {
  const piece = fc.constantFrom('<', '>', '"', "'", '<!--', '-->', '<p', '&#', ';', 'script', '/', '&amp;', ',', '\n', 'x', '&#55296;');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom('html' as const, 'csv' as const), (parts, type) => {
      expect(plainText(parts.join(''), type).isWellFormed()).toBe(true);
    }),
  );
  expect(plainText('<a '.repeat(20_000), 'html').length).toBeLessThan(100_000);
});
