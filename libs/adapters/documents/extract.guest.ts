import { Failure } from '@agent-platform/kernel/index';
import { decodeText } from './decode.text.ts';
import type { GuestAnswer, GuestRequest } from './guest.protocol.ts';

/*
 * Takes the text out of one document and ends. A process of its own, without permission to write, to start anything or to
 * read more than its own code: what it parses was made by strangers. Reads a line of JSON and then the bytes from stdin,
 * writes one JSON to stdout. The parsers are loaded by type, so a page does not wait for the reader of PDF.
 */

async function read(): Promise<GuestRequest & { readonly bytes: Uint8Array }> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  const line = all.indexOf(10);
  // A copy: the reader of PDF takes its buffer over.
  return { ...(JSON.parse(all.toString('utf8', 0, line)) as GuestRequest), bytes: new Uint8Array(all.subarray(line + 1)) };
}

async function extract({ source_type, media_type, bytes }: Awaited<ReturnType<typeof read>>): Promise<{ text: string; pages?: readonly number[] }> {
  switch (source_type) {
    case 'pdf':
      return (await import('./pdf.text.ts')).pdfToText(bytes);
    case 'docx':
      return { text: await (await import('./docx.text.ts')).docxToText(bytes) };
    case 'html':
      return { text: (await import('./html.text.ts')).htmlToText(decodeText(bytes, media_type, true)) };
    case 'csv':
      return { text: (await import('./csv.text.ts')).csvToText(decodeText(bytes, media_type)) };
  }
}

async function answer(): Promise<GuestAnswer> {
  try {
    const { text, pages = null } = await extract(await read());
    return { ok: true, text, pages };
  } catch (error) {
    if (error instanceof Failure) {
      const [{ rule, remedy } = { rule: error.message, remedy: '' }] = error.errors ?? [];
      return { ok: false, code: error.code, rule, remedy: remedy ?? '' };
    }
    // What a parser stumbled over, a stack that overflowed by nesting included.
    return { ok: false, code: 'file-damaged', rule: 'can’t be read', remedy: 'save it again, or send its text' };
  }
}

const done = JSON.stringify(await answer());
// Written before it ends: parsers leave timers and handles behind.
process.stdout.write(done, () => process.exit(0));
