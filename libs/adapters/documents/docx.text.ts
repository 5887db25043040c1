import { parseHTML } from 'linkedom';
import mammoth from 'mammoth';
import { fileFailure } from './file.failure.ts';
import { toMarkdown } from './markdown.ts';
import { checkZip } from './zip.guard.ts';

/** The text of a Word document as markdown: headings, lists and tables stay, images don't. */
export async function docxToText(bytes: Uint8Array): Promise<string> {
  checkZip(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })) });
    return toMarkdown(parseHTML(`<html><body>${value}</body></html>`).document.body);
  } catch (cause) {
    throw fileFailure('file-damaged', 'is not a Word document that can be read', 'open it in a word processor and save it as DOCX again', cause);
  }
}
