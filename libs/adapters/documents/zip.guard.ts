import { inflateRawSync } from 'node:zlib';
import { fileFailure } from './file.failure.ts';

const MAX_ENTRIES = 10_000;
const MAX_UNPACKED = 150_000_000;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LONGEST_COMMENT = 65_557;

const damaged = (cause?: unknown) => fileFailure('file-damaged', 'is not a complete archive', 'send the whole file, or save it again', cause);
const bomb = () => fileFailure('file-too-complex', 'unpacks to more than allowed', 'take out large pictures, or split it');

/**
 * Unpacks every entry of a zip archive once and forgets it, before a reader that would keep it: the sizes that an archive
 * claims may lie. Throws Failure `file-damaged`, `file-encrypted`, `file-too-complex`.
 */
export function checkZip(bytes: Uint8Array, maxUnpacked: number = MAX_UNPACKED): void {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(END);
  const end = zip.lastIndexOf(mark);
  if (end < 0 || zip.length - end > LONGEST_COMMENT || end + 22 > zip.length) throw damaged();
  const count = zip.readUInt16LE(end + 10);
  if (count > MAX_ENTRIES) throw fileFailure('file-too-complex', `has ${count} parts`, 'save it as DOCX again');
  let left = maxUnpacked;
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== ENTRY) throw damaged();
    left -= unpackedSize(zip, at, left);
    if (left < 0) throw bomb();
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

/** Bytes of one entry after unpacking; its header is at `at`. */
function unpackedSize(zip: Buffer, at: number, left: number): number {
  if ((zip.readUInt16LE(at + 8) & 1) === 1) throw fileFailure('file-encrypted', 'is protected by a password', 'save it without one');
  const method = zip.readUInt16LE(at + 10);
  const packed = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  if (local + 30 > zip.length || zip.readUInt32LE(local) !== LOCAL) throw damaged();
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (from + packed > zip.length) throw damaged();
  if (method === 0) return packed;
  if (method !== 8) throw damaged();
  try {
    return inflateRawSync(zip.subarray(from, from + packed), { maxOutputLength: Math.max(1, left) }).length;
  } catch (cause) {
    throw cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE' ? bomb() : damaged(cause);
  }
}
