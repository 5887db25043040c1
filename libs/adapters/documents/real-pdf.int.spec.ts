import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createExtractor } from './extract.ts';

/** Papers and a broken file of the tests of a package that nobody here wrote. */
const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('pdf-parse/package.json')), 'test/data');
const extract = createExtractor();
const read = (name: string) =>
  extract({ bytes: readFileSync(path.join(folder, name)), name, media_type: null, source_type: null }, { signal: new AbortController().signal });

test.concurrent.each([
  ['01-valid.pdf', 14, 'Trace-based Just-in-Time Type Specialization for Dynamic'],
  ['04-valid.pdf', 5, 'Turk J Med Sci 2009; 39 (3): 361-365 © TÜBİTAK'],
  ['05-versions-space.pdf', 1, 'v.0.01'],
])('%s: %i pages, with the words of its first', async (name, pages, words) => {
  const { text, pages: starts, source_type } = await read(name);
  expect({ source_type, pages: starts?.length }).toEqual({ source_type: 'pdf', pages });
  expect(text.slice(0, starts?.[1]).replaceAll(/\s+/g, ' ')).toContain(words);
});

test.concurrent('a broken one is refused by name', async () => {
  await expect(read('03-invalid.pdf')).rejects.toMatchObject({ kind: 'invalid', errors: [{ field: 'file' }] });
});
