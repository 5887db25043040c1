import { readZip } from './zip.reader.ts';

const MAX_ENTRIES = 10_000;
const MAX_UNPACKED = 150_000_000;

/**
 * Unpacks every entry of a zip archive once and forgets it, before a reader that would keep it: the sizes that an archive
 * claims may lie. Throws Failure `file-damaged`, `file-encrypted`, `file-too-complex`.
 */
export function checkZip(bytes: Uint8Array, maxUnpacked: number = MAX_UNPACKED): void {
  // Looked at one by one, so that none is kept.
  for (const _ of readZip(bytes, { entries: MAX_ENTRIES, bytes: maxUnpacked })) continue;
}
