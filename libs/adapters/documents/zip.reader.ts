import { crc32, inflateRawSync } from 'node:zlib';
import { fileFailure } from './file.failure.ts';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 65_557;

/** What an archive may be at most: its parts, and the bytes that they have together when they are unpacked. */
export interface ZipLimits {
  readonly entries: number;
  readonly bytes: number;
}

export interface ZipEntry {
  /** As it is in the archive: nobody has looked at it yet. */
  readonly name: Uint8Array;
  /** Type and permissions as Unix has them; 0: the archive was made elsewhere. */
  readonly mode: number;
  readonly bytes: Buffer;
}

const damaged = (cause?: unknown) => fileFailure('file-damaged', 'is not a complete archive', 'send the whole file, or save it again', cause);
const bomb = () => fileFailure('file-too-complex', 'unpacks to more than allowed', 'take out large pictures, or split it');

/**
 * Unpacks a zip archive, part by part in the order of its directory. The sizes that an archive claims may lie: what comes out is
 * counted. Throws Failure `file-damaged`, `file-encrypted`, `file-too-complex`. The format: APPNOTE.TXT of PKWARE, without zip64.
 */
export function* readZip(bytes: Uint8Array, limits: ZipLimits): Generator<ZipEntry> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(END);
  const end = zip.lastIndexOf(mark);
  if (end < 0 || zip.length - end > LONGEST_COMMENT || end + 22 > zip.length) throw damaged();
  const count = zip.readUInt16LE(end + 10);
  if (count > limits.entries) throw fileFailure('file-too-complex', `has ${count} parts, more than ${limits.entries}`, 'leave some out, or save it again');
  let left = limits.bytes;
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== ENTRY) throw damaged();
    const name = zip.subarray(at + 46, at + 46 + zip.readUInt16LE(at + 28));
    const unpacked = unpack(zip, at, left);
    left -= unpacked.length;
    if (left < 0) throw bomb();
    yield { name, mode: zip.readUInt16LE(at + 40), bytes: unpacked };
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** One entry; its header is at `at`. */
function unpack(zip: Buffer, at: number, left: number): Buffer {
  if ((zip.readUInt16LE(at + 8) & 1) === 1) throw fileFailure('file-encrypted', 'is protected by a password', 'save it without one');
  const method = zip.readUInt16LE(at + 10);
  const packed = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  if (local + 30 > zip.length || zip.readUInt32LE(local) !== LOCAL) throw damaged();
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (from + packed > zip.length) throw damaged();
  const bytes = method === 0 ? zip.subarray(from, from + packed) : method === 8 ? inflate(zip.subarray(from, from + packed), left) : null;
  if (bytes === null || crc32(bytes) !== zip.readUInt32LE(at + 16)) throw damaged();
  return bytes;
}

function inflate(packed: Buffer, left: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, left) });
  } catch (cause) {
    throw cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE' ? bomb() : damaged(cause);
  }
}
