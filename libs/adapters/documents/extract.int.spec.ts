import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createExtractor } from './extract.ts';
import { makePdf } from './testing/make-pdf.ts';

const fixtures = path.join(path.dirname(createRequire(import.meta.url).resolve('mammoth/package.json')), 'test/test-data');
const docx = (name: string): Buffer => readFileSync(path.join(fixtures, `${name}.docx`));
const never = new AbortController().signal;
const extract = (bytes: Uint8Array, name: string, limits = {}, signal = never) =>
  createExtractor({ limits, atOnce: 2 })({ bytes, name, media_type: null, source_type: null }, { signal });

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

test.concurrent('PDF: pages, and words that were divided', async () => {
  const { text, pages, source_type } = await extract(makePdf([['A long divi-', 'ded word (in brackets).'], ['Page two.']]), 'a.pdf');
  expect({ text, pages, source_type }).toEqual({ text: 'A long divided word (in brackets).\n\nPage two.', pages: [0, 36], source_type: 'pdf' });
});

test.concurrent('DOCX of strangers: tables with a header, lists, footnotes', async () => {
  expect((await extract(docx('tables'), 'a.docx')).text).toBe('Above\n\n| Top left | Top right |\n| --- | --- |\n| Bottom left | Bottom right |\n\nBelow');
  expect((await extract(docx('simple-list'), 'a.docx')).text).toBe('- Apple\n- Banana');
  expect((await extract(docx('footnotes'), 'a.docx')).text).toContain('A tachyon walks into a bar.');
});

test.concurrent('HTML: the article, its tables, and nothing around it', async () => {
  const paragraph = '<p>Otters hold hands while they sleep, so that they do not drift apart, as was seen by many who looked, in rivers and at sea.</p>';
  const page = `<!doctype html><html><head><title>Otters</title><style>p {}</style></head><body><nav>Home | Shop | About</nav>
    <article><h1>On otters</h1>${paragraph.repeat(6)}<table><tr><td>sea</td><td>cold</td></tr><tr><td>river</td><td>warm</td></tr></table></article>
    <aside>Buy now!</aside><script>evil()</script><footer>Imprint</footer></body></html>`;
  const { text } = await extract(Buffer.from(page), 'otters.html');
  expect(text.match(/Otters hold hands/g)).toHaveLength(6);
  expect(text).toContain('# On otters');
  expect(text).toMatch(/\| sea\s+\| cold\s+\|\n\| ---/);
  expect(text).not.toMatch(/Shop|Buy now|evil|Imprint/);
  const small = '<h1>Refund&nbsp;Policy</h1><p>Within <b>seven</b> days &amp; free.<br>Ask&#33;</p><!-- no --><ul><li>one<li>two</ul>';
  expect((await extract(Buffer.from(small), 'a.html')).text).toBe('# Refund Policy\n\nWithin **seven** days & free.\nAsk!\n\n- one\n- two');
  const latin = Buffer.from('<meta charset="iso-8859-1"><p>Gr\u00fc\u00dfe</p>', 'latin1');
  expect((await extract(latin, 'a.html')).text).toBe('Grüße');
});

test.concurrent('CSV: a line per record that names its columns', async () => {
  expect((await extract(Buffer.from('name,price\r\n"Chair, red",10\n"say ""hi""",\n'), 'a.csv')).text).toBe('name: Chair, red; price: 10\nname: say "hi"');
  expect((await extract(Buffer.from('\ufeffid\tnote\n1\t"two\nlines"\n'), 'a.tsv')).text).toBe('id: 1; note: two lines');
});

test('text keeps its bytes, whatever their order', async () => {
  expect((await extract(Buffer.from('\ufeffa\r\nb\0c', 'utf16le'), 'a.txt')).text).toBe('a\nb\ufffdc');
});

describe('what would hurt is stopped', () => {
  test.concurrent.each([
    ['a bomb that lies about its size', bomb(160), 'bomb.docx', {}, 'file-too-complex'],
    ['time', Buffer.from('<div>'.repeat(100_000)), 'deep.html', { timeMs: 1000 }, 'file-too-complex'],
    ['memory', Buffer.from(`<p>${'<i>x</i>'.repeat(300_000)}`), 'wide.html', { heapMb: 40 }, 'file-too-complex'],
    ['memory outside of the heap', makePdf([['x']]), 'a.pdf', { residentBytes: 20_000_000 }, 'file-too-complex'],
    ['an answer without end', makePdf([['x'.repeat(200)]]), 'a.pdf', { answerBytes: 100 }, 'file-too-complex'],
    ['a cut archive', docx('tables').subarray(0, 5000), 'a.docx', {}, 'file-damaged'],
    ['a broken part', Buffer.concat([docx('tables').subarray(0, 3000), Buffer.alloc(500), docx('tables').subarray(3500)]), 'a.docx', {}, 'file-damaged'],
    ['a password', makePdf([['x']], { encrypted: true }), 'a.pdf', {}, 'file-encrypted'],
    ['no text', docx('empty'), 'a.docx', {}, 'file-no-text'],
  ])('%s', async (_what, bytes, name, limits, code) => {
    await expect(extract(bytes, name, limits)).rejects.toMatchObject({ code, kind: 'invalid', errors: [{ field: 'file', remedy: expect.any(String) }] });
  });

  test('whoever gives up is not waited for, also in the queue', async () => {
    const abort = new AbortController();
    const extractor = createExtractor({ atOnce: 1 });
    const ask = (signal: AbortSignal) => extractor({ bytes: Buffer.from('<p>x</p>'), name: 'a.html', media_type: null, source_type: null }, { signal });
    const [first, waiting, given] = [ask(never), ask(never), ask(abort.signal)];
    abort.abort();
    await expect(given).rejects.toMatchObject({ code: 'extract-aborted', kind: 'transient' });
    await expect(ask(abort.signal)).rejects.toMatchObject({ code: 'extract-aborted' });
    expect([(await first).text, (await waiting).text]).toEqual(['x', 'x']);
  });
});
