import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Transform } from 'node:stream';

export interface ReadBody {
  readonly bytes: Buffer;
  readonly text: string;
  readonly truncated: boolean;
}

interface BodySinks {
  /** The whole body, or its first `limit` bytes. Called at most once. */
  done(body: ReadBody): void;
  fail(error: Error): void;
  /** The decoder is behind (or not any more): stop (or go on) reading from the socket. */
  pace(paused: boolean): void;
}

/** Collects one response body: decoded while it arrives, cut at `limit` decoded bytes, so a small bomb stays small. */
export interface BodyReader {
  write(chunk: Buffer): void;
  end(): void;
  discard(): void;
}

/** Throws Error when the content encoding is none we can undo. `charset` of the content type is honoured; without one there is no text. */
export function openBodyReader(headers: { encoding: string; contentType: string | null }, limit: number, sinks: BodySinks): BodyReader {
  const parts: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (truncated: boolean) => {
    if (finished) return;
    finished = true;
    const bytes = Buffer.concat(parts);
    sinks.done({ bytes, text: headers.contentType === null ? '' : decodeText(bytes, headers.contentType, truncated), truncated });
  };
  const take = (chunk: Buffer) => {
    if (finished) return;
    parts.push(size + chunk.length > limit ? chunk.subarray(0, limit - size) : chunk);
    size += chunk.length;
    if (size > limit) finish(true);
  };
  const decoder = decoderFor(headers.encoding);
  if (!decoder) return { write: take, end: () => finish(false), discard: () => (finished = true) };
  let received = false;
  decoder.on('data', (chunk: Buffer) => {
    take(chunk);
    if (finished) decoder.destroy();
  });
  decoder.on('drain', () => sinks.pace(false));
  decoder.on('end', () => finish(false));
  decoder.on('error', (error) => {
    if (!finished) sinks.fail(error);
  });
  return {
    write: (chunk) => {
      received = true;
      if (!decoder.write(chunk)) sinks.pace(true);
    },
    // An empty body needs no decoding: HEAD and 304 name an encoding and send nothing.
    end: () => (received ? decoder.end() : finish(false)),
    discard: () => {
      finished = true;
      decoder.destroy();
    },
  };
}

function decoderFor(encoding: string): Transform | null {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new Error('content-encoding: one of gzip, deflate, br or none is understood');
  }
}

/**
 * Text as it may be stored: well-formed, and without NUL, which Postgres refuses in text and jsonb. A character
 * cut in half by the limit is dropped rather than shown as damage.
 */
function decodeText(bytes: Buffer, contentType: string, truncated: boolean): string {
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const decoder = textDecoder(charset);
  return decoder.decode(bytes, { stream: truncated }).replaceAll('\0', '\uFFFD').toWellFormed();
}

function textDecoder(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    // An unknown label is the server's mistake; UTF-8 shows most of such a text and never fails.
    return new TextDecoder('utf-8');
  }
}
