import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
export const DIST = path.join(ROOT, 'dist');
const MARK = path.join(DIST, 'built-from');

/** Whether `dist/` was made of these very sources and packages. */
export const isBuilt = (): boolean => existsSync(MARK) && readFileSync(MARK, 'utf8') === digest();

/** Says so: the last thing of a build, so that half a build is none. */
export const markBuilt = (): void => writeFileSync(MARK, digest());

/** SHA-256 over the names and contents of all that a bundle may hold. */
function digest(): string {
  const hash = createHash('sha256');
  const sources = globSync(['package-lock.json', 'scripts/build{,/*}.ts', '{apps,contracts,libs}/**/*.ts'], {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules' || name.endsWith('.spec.ts'),
  });
  for (const source of sources.toSorted())
    hash
      .update(`${source}\0`)
      .update(readFileSync(path.join(ROOT, source)))
      .update('\0');
  return hash.digest('hex');
}
