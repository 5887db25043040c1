import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { refuse } from './names.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** An edit of an existing file: one import and one entry of a list or an object. */
export interface IndexEdit {
  readonly file: string;
  readonly importLine: string;
  /** Text right before the first entry, up to and including the bracket that opens the list. */
  readonly opens: string;
  readonly closes: ']' | '}';
  readonly entry: string;
}

const moduleOf = (importLine: string): string => /'([^']+)'/.exec(importLine)?.[1] ?? '';

/** The file with the import in its alphabetical place and the entry at the end of the list. */
function addToIndex(text: string, { file, importLine, opens, closes, entry }: IndexEdit): string {
  const start = text.indexOf(opens);
  const end = text.indexOf(closes, start + opens.length);
  if (start === -1 || end === -1) refuse(`${file}: has no "${opens} … ${closes}" to add "${entry}" to. Add it by hand, or correct scripts/new.`);
  const before = text.slice(0, end).trimEnd();
  const listed = `${before}${before.endsWith(',') ? '' : ','} ${entry}, ${text.slice(end)}`;
  const lines = listed.split('\n');
  const imports = lines.flatMap((line, index) => (line.startsWith('import ') ? [{ index, module: moduleOf(line) }] : []));
  const next = imports.find(({ module }) => module > moduleOf(importLine))?.index ?? (imports.at(-1)?.index ?? -1) + 1;
  return lines.toSpliced(next, 0, importLine).join('\n');
}

/** Writes new files and edits, all or nothing as far as names go: refuses when one of the files exists. */
export function writeTree(files: Readonly<Record<string, string>>, edits: readonly IndexEdit[]): void {
  const taken = Object.keys(files).find((file) => existsSync(path.join(ROOT, file)));
  if (taken !== undefined) refuse(`${taken}: exists already. Take another name, or delete it first.`);
  const edited = edits.map((edit) => [edit.file, addToIndex(readFileSync(path.join(ROOT, edit.file), 'utf8'), edit)] as const);
  for (const [file, text] of [...Object.entries(files), ...edited]) {
    mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
    writeFileSync(path.join(ROOT, file), text);
    process.stdout.write(`${file in files ? 'wrote ' : 'edited'} ${file}\n`);
  }
  const formatted = [...Object.keys(files), ...edits.map(({ file }) => file)].filter((file) => file.endsWith('.ts'));
  const { status, stderr } = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'oxfmt'), formatted, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) refuse(`The files are written, but oxfmt failed: ${stderr}. Remedy: npm run format`);
}

/** What `npm install` does for a new workspace: makes its name importable. */
export function linkPackage(name: string, folder: string): void {
  const link = path.join(ROOT, 'node_modules', ...name.split('/'));
  if (existsSync(link)) return;
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(path.relative(path.dirname(link), path.join(ROOT, folder)), link, 'dir');
}

export const isPackage = (name: string): boolean => existsSync(path.join(ROOT, 'node_modules', ...name.split('/')));
