import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The Deno binary of the npm package for this platform, or why there is none, with the remedy. */
export function findDeno(platform: NodeJS.Platform = process.platform, arch: string = process.arch): { readonly file: string } | { readonly missing: string } {
  const name = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return { file: path.join(folder, platform === 'win32' ? 'deno.exe' : 'deno') };
  } catch {
    return { missing: `The package ${name} is not installed, so there is no Deno. Install the optional dependencies: npm ci --include=optional` };
  }
}

/** A program by its path, or by its name on PATH; links are followed. Null when there is none. */
export function findProgram(program: string, search: string = process.env['PATH'] ?? ''): string | null {
  const candidates = program.includes('/') ? [path.resolve(program)] : search.split(path.delimiter).map((folder) => path.join(folder, program));
  return candidates.flatMap((file) => executable(file) ?? [])[0] ?? null;
}

function executable(file: string): string | null {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? realpathSync(file) : null;
  } catch {
    return null;
  }
}
