import { getDocumentProxy } from 'unpdf';
import { fileFailure } from './file.failure.ts';
import { type Line, linesOf, pagesOf } from './pdf.lines.ts';

export interface PagedText {
  readonly text: string;
  readonly pages: readonly number[];
}

const MAX_PAGES = 5000;
const BETWEEN = '\n\n';

/** The text of a PDF page by page, without rendering anything. Scanned pages have none. */
export async function pdfToText(bytes: Uint8Array): Promise<PagedText> {
  const pdf = await open(bytes);
  if (pdf.numPages > MAX_PAGES) throw fileFailure('file-too-complex', `has ${pdf.numPages} pages; at most ${MAX_PAGES} are read`, 'split it');
  const lines: Line[][] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    lines.push(linesOf(items.filter((item) => 'str' in item)));
  }
  const pages: number[] = [];
  let text = '';
  for (const page of pagesOf(lines)) {
    pages.push(text.length);
    text += page + BETWEEN;
  }
  return { text: text.trimEnd(), pages };
}

async function open(bytes: Uint8Array) {
  try {
    return await getDocumentProxy(bytes, { verbosity: 0 });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'PasswordException') {
      throw fileFailure('file-encrypted', 'is protected by a password', 'save it without one', cause);
    }
    throw fileFailure('file-damaged', 'is not a PDF that can be read', 'open it in a viewer and save it as PDF again', cause);
  }
}
