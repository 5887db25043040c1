import { describe, expect, test } from 'vitest';
import { createExtractor } from './extract.ts';
import { makePdf } from './testing/make-pdf.ts';

const never = new AbortController().signal;
const extract = (bytes: Uint8Array, name: string, limits = {}) =>
  createExtractor({ limits })({ bytes, name, media_type: null, source_type: null }, { signal: never });

test('a PDF is read in a process of its own', async () => {
  expect(await extract(makePdf([['Page one.'], ['Page two.']]), 'a.pdf')).toEqual({
    text: 'Page one.\n\nPage two.',
    pages: [0, 11],
    source_type: 'pdf',
    extractor: 'documents-1',
  });
});

test.concurrent.each([
  ['time', Buffer.from('<div>'.repeat(100_000)), 'deep.html', { timeMs: 700 }],
  ['time of the processor', Buffer.from('<div>'.repeat(100_000)), 'deep.html', { cpuSeconds: 1 }],
  ['the heap', Buffer.from(`<p>${'<i>x</i>'.repeat(300_000)}`), 'wide.html', { heapMb: 30 }],
  ['memory outside of the heap', makePdf([['x']]), 'a.pdf', { residentBytes: 20_000_000 }],
  ['an answer without end', makePdf([['x'.repeat(200)]]), 'a.pdf', { answerBytes: 100 }],
])('%s has a limit', async (_what, bytes, name, limits) => {
  await expect(extract(bytes, name, limits)).rejects.toMatchObject({ code: 'file-too-complex', kind: 'invalid', errors: [{ field: 'file' }] });
});

describe('whoever gives up', () => {
  test('is not waited for, also in the queue', async () => {
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
