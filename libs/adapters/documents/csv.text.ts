import { parse } from 'csv-parse/sync';
import { fileFailure } from './file.failure.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const RECORD_BYTES = 1_000_000;

/**
 * A line per record that names its columns, `column: value; …`, so that a found record can be read without its header.
 * The first row names the columns; the delimiter is the one that this row has most. Throws Failure `file-damaged`.
 */
export function csvToText(text: string): string {
  const [header = [], ...rows] = read(text);
  if (rows.length === 0) return header.map((value) => line(value)).join('; ');
  const record = (row: readonly string[]): string =>
    row
      .flatMap((value, column) => {
        const name = line(header[column] ?? '');
        if (value.trim() === '') return [];
        return [name === '' ? line(value) : `${name}: ${line(value)}`];
      })
      .join('; ');
  return rows.map(record).join('\n');
}

const line = (value: string): string => value.replaceAll(/\s+/g, ' ').trim();

function read(text: string): string[][] {
  const first = text.slice(0, text.search(/\n|$/));
  const count = (delimiter: string): number => first.split(delimiter).length;
  const delimiter = DELIMITERS.toSorted((a, b) => count(b) - count(a))[0] ?? ',';
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, max_record_size: RECORD_BYTES });
  } catch (cause) {
    const at = cause instanceof Error && 'lines' in cause ? ` at line ${String(cause.lines)}` : '';
    throw fileFailure('file-damaged', `is not CSV${at}`, 'close its quotes, and keep records below 1 MB', cause);
  }
}
