import Table from 'cli-table3';
import type { Colors } from './colors.ts';
import { cell, colored } from './cell.text.ts';

export const FORMATS = ['table', 'json', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** A heading and the field it shows. */
export type Column = readonly [heading: string, field: string];
export type Row = Readonly<Record<string, unknown>>;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Rows under headings, without borders: easy to read, and to cut with awk. */
function table(columns: readonly Column[], rows: readonly Row[], colors: Colors): string {
  const shown = new Table({
    head: columns.map(([heading]) => colors.dim(heading)),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) shown.push(columns.map(([, field]) => colored(field, cell(row[field]), colors)));
  return shown
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** One thing, a line for each field. */
function card(fields: readonly Column[], row: Row, colors: Colors): string {
  const width = Math.max(...fields.map(([heading]) => heading.length));
  return fields
    .filter(([, field]) => row[field] !== undefined && row[field] !== null)
    .map(([heading, field]) => `${colors.dim(heading.padEnd(width))}  ${colored(field, cell(row[field], 2000), colors)}`)
    .join('\n');
}

/** A list in the format that was asked for. */
export function listText(format: Format, page: { readonly items: readonly Row[] }, columns: readonly Column[], colors: Colors): string {
  if (format === 'json') return JSON.stringify(page, null, 2);
  if (format === 'jsonl') return page.items.map((item) => JSON.stringify(item)).join('\n');
  return page.items.length === 0 ? colors.dim('(none)') : table(columns, page.items, colors);
}

/** One thing in the format that was asked for. */
export function itemText(format: Format, item: Row, fields: readonly Column[], colors: Colors): string {
  if (format === 'json') return JSON.stringify(item, null, 2);
  return format === 'jsonl' ? JSON.stringify(item) : card(fields, item, colors);
}
