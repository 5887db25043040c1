import { crc32, deflateRawSync } from 'node:zlib';

/** A part of an archive; `claims`: its size as the archive tells it. */
export interface Part {
  readonly path: string | Uint8Array;
  readonly bytes: Uint8Array | string;
  readonly mode?: number;
  readonly claims?: number;
}

/** A zip archive of these parts, whatever they are. */
export function zipOf(parts: readonly Part[]): Buffer<ArrayBuffer> {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, bytes, mode = 0o100644, claims } of parts) {
    const name = Buffer.from(path as Uint8Array);
    const content = Buffer.from(bytes as Uint8Array);
    const packed = deflateRawSync(content);
    // Version needed, flags (names are UTF-8), method, time, date, checksum, sizes, lengths of name and extra field.
    const shared = fields(
      [2, 20],
      [2, 0x800],
      [2, 8],
      [4, 0],
      [4, crc32(content)],
      [4, packed.length],
      [4, claims ?? content.length],
      [2, name.length],
      [2, 0],
    );
    const body = Buffer.concat([fields([4, 0x04034b50]), shared, name, packed]);
    directory.push(fields([4, 0x02014b50], [2, 0x031e]), shared, fields([2, 0], [2, 0], [2, 0], [2, 0], [2, mode], [4, at]), name);
    bodies.push(body);
    at += body.length;
  }
  const entries = Buffer.concat(directory);
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, entries.length], [4, at], [2, 0]);
  return Buffer.concat([...bodies, entries, end]);
}

function fields(...all: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  const buffer = Buffer.alloc(all.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of all) at = buffer.writeUIntLE(value, at, size);
  return buffer;
}
