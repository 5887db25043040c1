/** A path of a folder that can't be kept, and why. */
export interface BadPath {
  readonly path: string;
  readonly rule: string;
  readonly remedy: string;
}

/**
 * The first path that leads out of the folder, or that some file system takes for another one of them: Windows and macOS do not
 * tell upper from lower case, and a file can't be a folder too.
 */
export function badPath(paths: readonly string[]): BadPath | null {
  const outside = paths.find((path) => /^[/\\]|^[A-Za-z]:/.test(path) || path.split(/[/\\]/).some((part) => part === '..' || part === '.' || part === ''));
  if (outside !== undefined) return { path: outside, rule: 'must be a path inside the folder', remedy: 'use relative paths with "/" and without ".."' };
  const first = new Map<string, string>();
  for (const path of paths) {
    const folded = fold(path);
    const other = first.get(folded);
    if (other !== undefined) return { path, rule: `is the same as "${other}" where upper and lower case are not told apart`, remedy: 'rename one of them' };
    first.set(folded, path);
  }
  const blocked = paths.find((path) => parentsOf(path).some((parent) => first.has(fold(parent))));
  return blocked === undefined ? null : { path: blocked, rule: 'lies in a folder that is a file, too', remedy: 'rename one of them' };
}

const fold = (path: string): string => path.normalize('NFC').toLowerCase();

const parentsOf = (path: string): string[] => {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
};
