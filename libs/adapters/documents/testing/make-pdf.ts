import { deflateSync } from 'node:zlib';

/** A PDF as programs write them: a page per list of lines, compressed contents, a cross-reference table. */
export function makePdf(pages: readonly (readonly string[])[], { encrypted = false, title = 'Made for a test' } = {}): Buffer {
  const objects: (string | Buffer)[] = [];
  const add = (body: string | Buffer): number => objects.push(body);
  const kids = pages.map((_, page) => `${4 + page * 2} 0 R`).join(' ');
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  pages.forEach((lines, page) => {
    const text = lines.map((line) => `(${line.replaceAll(/[\\()]/g, String.raw`\$&`)}) Tj T*`).join('\n');
    const stream = deflateSync(Buffer.from(`BT /F1 12 Tf 14 TL 72 720 Td\n${text}\nET`, 'latin1'));
    add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + page * 2} 0 R >>`);
    add(Buffer.concat([Buffer.from(`<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`), stream, Buffer.from('\nendstream')]));
  });
  const info = add(`<< /Title (${title}) >>`);
  const secret = `<${'5a'.repeat(32)}>`;
  const lock = encrypted ? add(`<< /Filter /Standard /V 1 /R 2 /O ${secret} /U ${secret} /P -4 >>`) : 0;
  return write(objects, `/Root 1 0 R /Info ${info} 0 R /ID [<00> <00>]${encrypted ? ` /Encrypt ${lock} 0 R` : ''}`);
}

function write(objects: readonly (string | Buffer)[], trailer: string): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n%\u00e2\u00e3\n', 'latin1')];
  const offsets: number[] = [];
  let at = parts[0]?.length ?? 0;
  const put = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  objects.forEach((body, index) => {
    offsets.push(at);
    put(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(body as string, 'latin1'), Buffer.from('\nendobj\n')]));
  });
  const start = at;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  put(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} ${trailer} >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}
