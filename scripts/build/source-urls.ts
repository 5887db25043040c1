import path from 'node:path';
import type { Plugin } from 'rolldown';

/**
 * Our modules find the files beside them (SQL, guest programs, schema) by `import.meta`. In a bundle that would be the
 * bundle's place; this keeps it the source's, told from where the bundle lies, so that the folder can be moved as a whole.
 * All bundles lie in one folder right below `root`.
 */
export function sourceUrls(root: string): Plugin {
  return {
    name: 'source-urls',
    transform(code, id) {
      if (!id.startsWith(`${root}${path.sep}`) || id.includes('node_modules') || !code.includes('import.meta.')) return null;
      const source = path.posix.join('..', path.relative(root, id).replaceAll(path.sep, '/'));
      const moved = code
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`)
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${path.posix.dirname(source)}`)})`);
      // No map: the lines stay what they were, which is as precise as a stack trace needs.
      return { code: moved, map: null };
    },
  };
}
