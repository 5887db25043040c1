import { storableText } from '@agent-platform/kernel/json-text';
import { fileFailure } from './file.failure.ts';

const CHARSET = /charset\s*=\s*["']?([\w.:-]+)/i;
/** How far into a page its `<meta charset>` may stand, as the HTML standard has it. */
const META_WINDOW = 1024;

/**
 * Bytes as text: by their byte order mark, by the charset that is said (or, of HTML, by its `<meta>`), else UTF-8. Lines end
 * with `\n`. Throws Failure `file-encoding`.
 */
export function decodeText(bytes: Uint8Array, mediaType: string | null, html = false): string {
  const said = CHARSET.exec(mediaType ?? '')?.[1] ?? (html ? CHARSET.exec(Buffer.from(bytes.subarray(0, META_WINDOW)).toString('latin1'))?.[1] : undefined);
  const charset = markOf(bytes) ?? said ?? 'utf-8';
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch (cause) {
    throw fileFailure('file-encoding', `has the charset "${charset.slice(0, 40)}", which is not known`, 'save it as UTF-8', cause);
  }
  try {
    return storableText(decoder.decode(bytes)).replaceAll(/\r\n?/g, '\n');
  } catch (cause) {
    throw fileFailure(
      'file-encoding',
      `is not ${charset.slice(0, 40)}`,
      'save it as UTF-8, or name its charset in its content type, as in text/plain; charset=iso-8859-1',
      cause,
    );
  }
}

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : undefined;
}
