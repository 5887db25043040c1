import { MAX_FILE_BYTES, type SourceType } from '@agent-platform/contracts/document/document.events';
import type { DocumentSource } from '@agent-platform/ports/documents.port';
import { fileFailure } from './file.failure.ts';

const BY_MEDIA: readonly (readonly [RegExp, SourceType])[] = [
  [/^application\/(x-)?pdf/, 'pdf'],
  [/^application\/vnd\.openxmlformats-officedocument\.wordprocessingml\.document/, 'docx'],
  [/^(text\/html|application\/xhtml\+xml)/, 'html'],
  [/^text\/(x-|vnd\.daringfireball\.)?markdown/, 'markdown'],
  [/^(text\/csv|application\/csv|text\/tab-separated-values)/, 'csv'],
];
const BY_EXTENSION: Readonly<Record<string, SourceType>> = {
  pdf: 'pdf',
  docx: 'docx',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  md: 'markdown',
  markdown: 'markdown',
  csv: 'csv',
  tsv: 'csv',
  txt: 'text',
  text: 'text',
};
/** Says nothing, or says text and leaves open which. */
const VAGUE = /^(text\/plain|application\/octet-stream|binary\/octet-stream|application\/(json|xml)|text\/xml|application\/x-www-form-urlencoded)?($|;)/;
const TAKEN = 'send text, markdown, HTML, CSV, PDF or DOCX';
const MAGIC_WINDOW = 1024;

/**
 * What a file is. Its beginning decides over what is said about it: a file that says PDF and is none is refused here, not
 * fed to a parser. Throws Failure `file-empty`, `file-too-large`, `file-type`, `file-encrypted`.
 */
export function recognize({ bytes, media_type, name, source_type, otherwise = 'text' }: DocumentSource): SourceType {
  if (bytes.length === 0) throw fileFailure('file-empty', 'has no bytes', 'send the file itself');
  if (bytes.length > MAX_FILE_BYTES) throw fileFailure('file-too-large', `has more than ${MAX_FILE_BYTES} bytes`, 'split it into several documents');
  const said = source_type ?? saidType(media_type?.trim().toLowerCase() ?? '', name);
  const is = binaryType(bytes);
  if (is === 'pdf' || is === 'docx') {
    if (said === null || said === is || source_type === null) return is;
    throw fileFailure('file-type', `is ${is.toUpperCase()} and was given as ${said}`, `name it ${is}, or send a ${said} file`);
  }
  if (is === 'other' || said === 'pdf' || said === 'docx') {
    const claim = said === null ? 'is of a type that is not understood' : `is said to be ${said}, and its contents are not`;
    throw fileFailure('file-type', claim, TAKEN);
  }
  return said ?? (otherwise === 'pdf' || otherwise === 'docx' ? 'text' : otherwise);
}

function saidType(media: string, name: string | null): SourceType | null {
  const found = BY_MEDIA.find(([pattern]) => pattern.test(media))?.[1];
  if (found) return found;
  const extension = /\.([a-z0-9]{1,10})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
  const named = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
  if (named) return named;
  if (VAGUE.test(media) || media.startsWith('text/')) return null;
  throw fileFailure('file-type', `has the content type "${media.slice(0, 80)}", which is not understood`, TAKEN);
}

/** By the first bytes; null: it may be text. */
function binaryType(bytes: Uint8Array): 'pdf' | 'docx' | 'other' | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAGIC_WINDOW));
  const begins = (...magic: readonly number[]): boolean => magic.every((byte, at) => head[at] === byte);
  // As readers have it: the mark may come a little later, after what a mail program has put before it.
  if (head.includes('%PDF-')) return 'pdf';
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) {
    throw fileFailure('file-encrypted', 'is an old Word document, or a DOCX with a password', 'save it as DOCX without a password');
  }
  if (begins(0x50, 0x4b, 0x03, 0x04)) {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return whole.includes('word/') ? 'docx' : 'other';
  }
  const utf16 = begins(0xff, 0xfe) || begins(0xfe, 0xff);
  return !utf16 && head.includes(0) ? 'other' : null;
}
