import type { FastifyRequest } from 'fastify';
import { header } from './request-context.ts';

const BOUNDARY = /boundary=(?:"([^"]+)"|([^;\s]+))/i;
/** What is longer than this without an end is no header. */
const LONGEST_HEADER = 16_384;

/**
 * Content types of the files of a form as their parts name them, in the order of the files: the reader of forms leaves out
 * their charsets. To be asked for before the form is read; the list grows while it is.
 */
export function partTypes(request: FastifyRequest): readonly string[] {
  const found = BOUNDARY.exec(header(request, 'content-type') ?? '');
  const delimiter = `\r\n--${found?.[1] ?? found?.[2] ?? ''}`;
  const types: string[] = [];
  let rest = '\r\n';
  // It flows again once its reader is there too, so that neither misses anything.
  request.raw.pause().on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    for (let start = rest.indexOf(delimiter); start >= 0; start = rest.indexOf(delimiter)) {
      rest = rest.slice(start);
      const window = rest.slice(0, LONGEST_HEADER);
      const end = window.indexOf('\r\n\r\n', delimiter.length);
      if (end < 0 && rest.length < LONGEST_HEADER) return;
      const headers = end < 0 ? window : window.slice(0, end);
      if (/;\s*filename\*?=/i.test(headers)) types.push(/^content-type:\s*(.*)$/im.exec(headers)?.[1]?.trim() ?? '');
      rest = rest.slice(headers.length);
    }
    rest = rest.slice(-delimiter.length);
  });
  return types;
}
