// npm run generate: writes every document that is made from code (contracts/generated, .env.example).
// npm run generate -- --check: writes nothing; ends with 1 and names the files when one is not current.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createDocuments, GENERATED } from './generate/documents.ts';

const root = join(import.meta.dirname, '..');
const documents = createDocuments();
const check = process.argv.includes('--check');

const current = (path: string): string | undefined => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
const stale = [...documents].filter(([path, text]) => current(path) !== text).map(([path]) => path);
const found = existsSync(join(root, GENERATED)) ? readdirSync(join(root, GENERATED), { recursive: true, withFileTypes: true }) : [];
const needless = found
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((path) => !documents.has(path));

if (check) {
  for (const path of stale) process.stderr.write(`${path}: is not what the code says\n`);
  for (const path of needless) process.stderr.write(`${path}: nothing generates it any more\n`);
  if (stale.length + needless.length > 0) {
    process.stderr.write('Remedy: run "npm run generate" and commit what it writes.\n');
    process.exit(1);
  }
  process.stdout.write(`${documents.size} generated files are current\n`);
} else {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), documents.get(path) ?? '');
  }
  for (const path of needless) rmSync(join(root, path));
  const changed = [...stale.map((path) => `wrote ${path}`), ...needless.map((path) => `removed ${path}`)];
  process.stdout.write(changed.length > 0 ? `${changed.join('\n')}\n` : `${documents.size} generated files are current\n`);
}
