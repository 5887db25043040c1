/**
 * One member of a Unix `ar` archive, the outer shell of a Debian package: a magic line, then for each
 * member a header of 60 bytes (name 16, ..., size in decimal at 48) and its content, padded to two bytes.
 */
export function arMember(archive: Buffer, wanted: (name: string) => boolean): { name: string; content: Buffer } | undefined {
  if (archive.toString('latin1', 0, 8) !== '!<arch>\n') return undefined;
  for (let at = 8; at + 60 <= archive.length;) {
    const name = archive
      .toString('latin1', at, at + 16)
      .trim()
      .replace(/\/$/, '');
    const size = Number.parseInt(archive.toString('latin1', at + 48, at + 58), 10);
    if (!Number.isInteger(size)) return undefined;
    if (wanted(name)) return { name, content: archive.subarray(at + 60, at + 60 + size) };
    at += 60 + size + (size % 2);
  }
  return undefined;
}
