/**
 * A Postgres that has pgvector, for benchmarks: the system's own where it has it, else a copy of the system's Postgres with pgvector
 * compiled for it, kept in `.cache`. Half a minute, nothing is installed: headers and source come from Debian.
 */
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE = 'http://deb.debian.org/debian/pool/main/p/pgvector/pgvector_0.8.0.orig.tar.gz';
const SHA256 = '867a2c328d4928a5a9d6f052cd3bc78c7d60228a9b914ad32aa3db88e9de27b0';
const VERSION = '0.8.0';
/** Those of pgvector's own Makefile. */
const FLAGS = '-O2 -march=native -ftree-vectorize -fassociative-math -fno-signed-zeros -fno-trapping-math -fPIC -shared'.split(' ');

/** The folder of its programs. Throws with what is missing here, and what to do. */
export async function pgvectorPrograms(cache: string, onProgress: (line: string) => void): Promise<string> {
  try {
    const [bin, share, lib] = await Promise.all(['--bindir', '--sharedir', '--pkglibdir'].map(pgConfig));
    if (!bin || !share || !lib) throw new Error('pg_config names no folders');
    if ((await readdir(path.join(share, 'extension'))).includes('vector.control')) return bin;
    const major = path.basename(path.dirname(bin));
    const home = path.join(cache, `postgres-${major}-pgvector-${VERSION}`);
    const copied = path.join(home, path.relative('/usr', bin));
    if (await readdir(copied).catch(() => undefined)) return copied;
    onProgress(`Compiling pgvector ${VERSION} for Postgres ${major} (once)`);
    const draft = `${home}.${process.pid}`;
    await build(draft, { bin, share, lib, major });
    await rename(draft, home);
    return copied;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new Error(
      `No Postgres with pgvector: ${reason}. Set DATABASE_URL to one (superuser, for a database of its own), install Debian's postgresql and gcc so that it can be compiled here, or measure a tenth on PGlite: npm run bench -- knowledge --pglite --scale 0.1`,
      { cause },
    );
  }
}

const pgConfig = async (flag: string): Promise<string> => (await run('pg_config', [flag])).stdout.trim();

interface Installed {
  readonly bin: string;
  readonly share: string;
  readonly lib: string;
  readonly major: string;
}

/** Postgres finds its files from where its program lies, so a copy of the tree is as good as the installed one. */
async function build(home: string, { bin, share, lib, major }: Installed): Promise<void> {
  const work = path.join(home, 'work');
  const at = (folder: string): string => path.join(home, path.relative('/usr', folder));
  try {
    await mkdir(work, { recursive: true });
    for (const folder of [path.dirname(bin), share]) await cp(folder, at(folder), { recursive: true, dereference: true });
    const source = path.join(work, 'pgvector.tar.gz');
    await run('curl', ['--fail', '--silent', '--show-error', '--location', '--max-time', '120', '--output', source, SOURCE]);
    if (hash('sha256', await readFile(source)) !== SHA256) throw new Error(`${SOURCE} is not the one that was measured`);
    await run('tar', ['-xzf', source, '-C', work, '--strip-components=1']);
    const files = (await readdir(path.join(work, 'src'))).filter((name) => name.endsWith('.c')).map((name) => path.join('src', name));
    await run('gcc', [...FLAGS, `-I${await headers(work, major)}`, '-Isrc', ...files, '-o', path.join(at(lib), 'vector.so')], { cwd: work });
    const extension = path.join(at(share), 'extension');
    await cp(path.join(work, 'vector.control'), path.join(extension, 'vector.control'));
    await writeFile(path.join(extension, `vector--${VERSION}.sql`), await readFile(path.join(work, 'sql', 'vector.sql')));
    await chmod(home, 0o755);
    await rm(work, { recursive: true });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** The installed headers of the server, else Debian's package of them, unpacked beside the source. */
async function headers(work: string, major: string): Promise<string> {
  const installed = await pgConfig('--includedir-server');
  if (await readFile(path.join(installed, 'postgres.h')).catch(() => undefined)) return installed;
  await run('apt-get', ['download', `postgresql-server-dev-${major}`], { cwd: work });
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb')) ?? '';
  await run('dpkg-deb', ['-x', deb, 'headers'], { cwd: work });
  return path.join(work, 'headers', installed);
}
