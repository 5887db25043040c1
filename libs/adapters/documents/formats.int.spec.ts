import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { csvToText } from './csv.text.ts';
import { decodeText } from './decode.text.ts';
import { docxToText } from './docx.text.ts';
import { htmlToText } from './html.text.ts';
import { pdfToText } from './pdf.text.ts';
import { makePdf } from './testing/make-pdf.ts';
import { checkZip } from './zip.guard.ts';

/** Files of the tests of a package that nobody here wrote. */
const fixtures = path.join(path.dirname(createRequire(import.meta.url).resolve('mammoth/package.json')), 'test/test-data');
const docx = (name: string): Buffer => readFileSync(path.join(fixtures, `${name}.docx`));
const pdf = (...asked: Parameters<typeof makePdf>) => pdfToText(new Uint8Array(makePdf(...asked)));

/** A zip archive of one part that claims to be small and is not. */
function bomb(megabytes: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(megabytes * 1e6), { level: 9 });
  const name = Buffer.from('word/document.xml');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(1000, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(1000, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}

test('PDF: pages, and words that were divided', async () => {
  expect(await pdf([['A long divi-', 'ded word (in brackets).'], ['Page two.']])).toEqual({
    text: 'A long divided word (in brackets).\n\nPage two.',
    pages: [0, 36],
  });
});

test.each([
  ['tables', 'Above\n\n| Top left | Top right |\n| --- | --- |\n| Bottom left | Bottom right |\n\nBelow'],
  ['simple-list', '- Apple\n- Banana'],
  ['footnotes', 'Ouch[1].[2]\n\n1. A tachyon walks into a bar. ↑\n\n2. Fin. ↑'],
  ['strict-format', 'Test'],
  ['text-box', 'Datum plane'],
  ['comments', 'Ouch.'],
  ['embedded-style-map', 'Walking on imported air'],
  ['single-paragraph', 'Walking on imported air'],
  ['external-picture', ''],
  ['empty', ''],
])('DOCX of strangers: %s', async (name, text) => expect(await docxToText(docx(name))).toContain(text));

test('HTML: the article, its tables, and nothing around it', () => {
  const paragraph = '<p>Otters hold hands while they sleep, so that they do not drift apart, as was seen by many who looked, in rivers and at sea.</p>';
  const page = `<!doctype html><html><head><title>Otters</title><style>p {}</style></head><body><nav>Home | Shop | About</nav>
    <article><h1>On otters</h1>${paragraph.repeat(6)}<table><tr><td>sea</td><td>cold</td></tr><tr><td>river</td><td>warm</td></tr></table></article>
    <aside>Buy now!</aside><script>evil()</script><footer>Imprint</footer></body></html>`;
  const text = htmlToText(page);
  expect(text.match(/Otters hold hands/g)).toHaveLength(6);
  expect(text).toContain('# On otters');
  expect(text).toMatch(/\| sea\s+\| cold\s+\|\n\| ---/);
  expect(text).not.toMatch(/Shop|Buy now|evil|Imprint/);
  const small = '<h1>Refund&nbsp;Policy</h1><p>Within <b>seven</b> days &amp; free.<br>Ask&#33;</p><!-- no --><ul><li>one<li>two</ul>';
  expect(htmlToText(small)).toBe('# Refund Policy\n\nWithin **seven** days & free.\nAsk!\n\n- one\n- two');
  expect(htmlToText('just text')).toBe('just text');
});

test('CSV: a line per record that names its columns', () => {
  expect(csvToText('name,price\n"Chair, red",10\n"say ""hi""",\n')).toBe('name: Chair, red; price: 10\nname: say "hi"');
  expect(csvToText('\ufeffid\tnote\tx\n1\t"two\nlines"\n2\tmore\tthan\twas said\n')).toBe('id: 1; note: two lines\nid: 2; note: more; x: than; was said');
  expect(csvToText('only one line')).toBe('only one line');
  expect(() => csvToText('a,b\n"open,1\n2,3')).toThrow(/^file: is not CSV at line \d+; /);
});

test('text: by its mark, by what is said, by its page, else UTF-8', () => {
  expect(decodeText(Buffer.from('\ufeffa\r\nb\0c', 'utf16le'), null)).toBe('a\nb\ufffdc');
  expect(decodeText(Buffer.from('Grüße', 'latin1'), 'text/plain; charset=iso-8859-1')).toBe('Grüße');
  expect(decodeText(Buffer.from('<meta charset="iso-8859-1"><p>Grüße', 'latin1'), null, true)).toContain('Grüße');
  expect(() => decodeText(Buffer.from('Grüße', 'latin1'), null)).toThrow(/is not utf-8; save it as UTF-8/);
  expect(() => decodeText(Buffer.from('x'), 'text/plain; charset=klingon')).toThrow(/has the charset "klingon"/);
});

describe('what can’t be read says why', () => {
  const table = docx('tables');
  test.each([
    ['a bomb that lies about its size', async () => checkZip(bomb(3), 1e6), 'file-too-complex'],
    ['a cut archive', () => docxToText(table.subarray(0, 5000)), 'file-damaged'],
    ['a broken part', () => docxToText(Buffer.concat([table.subarray(0, 3000), Buffer.alloc(500), table.subarray(3500)])), 'file-damaged'],
    ['an archive of something else', () => docxToText(bomb(1)), 'file-damaged'],
    ['a password', () => pdf([['x']], { encrypted: true }), 'file-encrypted'],
    ['half a PDF', () => pdfToText(new Uint8Array(makePdf([['x']]).subarray(0, 300))), 'file-damaged'],
  ])('%s', async (_what, read, code) => {
    await expect(read()).rejects.toMatchObject({ code, kind: 'invalid', errors: [{ field: 'file', rule: expect.any(String), remedy: expect.any(String) }] });
  });
});
