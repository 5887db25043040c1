import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './root.ts';

const COPIED = ['apps', 'contracts', 'libs', 'test', 'package.json', 'tsconfig.base.json', 'tsconfig.json'] as const;

/**
 * A copy of the code that can be run and broken on its own: third-party packages are links to the installed ones, the
 * workspaces' own names lead into the copy.
 */
export function copyRepository(to: string): void {
  mkdirSync(join(to, 'node_modules'), { recursive: true });
  for (const name of COPIED) {
    cpSync(join(ROOT, name), join(to, name), { recursive: true, filter: (from) => basename(from) !== 'node_modules' });
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    const from = join(ROOT, 'node_modules', name);
    // These are relative links: copied as they are, they lead to the copy's workspaces.
    if (name === '@agent-platform') cpSync(from, join(to, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(from, join(to, 'node_modules', name));
  }
  symlinkSync(join(ROOT, '.cache'), join(to, '.cache'));
}
