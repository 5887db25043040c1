/** Fields of CSV as RFC 4180 has it, in rows; an open quote ends with the text. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(field);
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
    field = '';
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') field += char;
      else if (text.charAt(at + 1) === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else field += char;
  }
  endRow();
  return rows;
}

/** A paragraph per row, `column: value; …`, so that a found row can be read without its header. The first row names the columns. */
export function csvToText(text: string): string {
  const [header = [], ...rows] = parseCsv(text);
  if (rows.length === 0) return header.join('; ');
  const line = (row: readonly string[]): string =>
    row.flatMap((value, column) => (value.trim() === '' ? [] : [header[column] ? `${header[column]}: ${value.trim()}` : value.trim()])).join('; ');
  return rows.map(line).join('\n');
}
