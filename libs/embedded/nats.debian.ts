/**
 * nats-server from Debian's package, unpacked without installing: a static Go program, so the one of
 * sid runs on every Debian and Ubuntu, and on other Linux systems with glibc.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { arMember } from './ar.archive.ts';
import { download, installProgram, readIfThere, requireSha256 } from './download.ts';

const run = promisify(execFile);
const DEFAULT_MIRROR = 'http://deb.debian.org/debian';
const SUITE = 'dists/sid';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The mirror that this machine's apt uses for Debian, so that a local mirror or proxy is honoured. */
export function debianMirror(sources: readonly string[]): string {
  for (const text of sources) {
    const url = /^\s*(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(https?:\/\/[^\s]+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  return DEFAULT_MIRROR;
}

async function aptSources(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.toSorted((a, b) => a.localeCompare(b, 'en')).map((name) => path.join(folder, name))];
  return (await Promise.all(files.map(readIfThere))).filter((text) => text !== undefined);
}

/** The fields of one package in a Packages index. */
export function packageFields(index: string, name: string): { filename: string; sha256: string; version: string } | undefined {
  const start = `\n${index}`.indexOf(`\nPackage: ${name}\n`);
  if (start === -1) return undefined;
  const paragraph = index.slice(start, index.indexOf('\n\n', start));
  const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
  return { filename: field('Filename'), sha256: field('SHA256'), version: field('Version') };
}

/**
 * The Release file names the SHA-256 of every index; its signature is checked where gpgv and Debian's
 * keys are installed, so that a mirror over plain HTTP is as good as apt's own.
 */
async function checkedRelease(mirror: string): Promise<string> {
  const bytes = await download(`${mirror}/${SUITE}/InRelease`);
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const folder = await mkdtemp(path.join(tmpdir(), 'nats-release-'));
  try {
    const file = path.join(folder, 'InRelease');
    await writeFile(file, bytes);
    await run('gpgv', ['--quiet', '--keyring', keyring, file]);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const noKeys = (await readIfThere(keyring)) === undefined;
    if (!missing && !noKeys) throw new Error(`${mirror}/${SUITE}/InRelease: its signature is not one of Debian's keys`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return bytes.toString('utf8');
}

async function unpack(deb: Buffer, folder: string): Promise<void> {
  const file = path.join(folder, 'nats-server.deb');
  await writeFile(file, deb);
  try {
    await run('dpkg-deb', ['-x', file, folder]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const data = arMember(deb, (name) => name.startsWith('data.tar'));
    if (data === undefined) throw new Error('nats-server.deb: holds no data.tar', { cause: error });
    const tarball = path.join(folder, data.name);
    await writeFile(tarball, data.content);
    await run('tar', ['-xf', tarball, '-C', folder]);
  }
}

/** Fetches Debian's nats-server to `target`. Throws on anything but a verified, complete program. */
export async function fetchDebianNats(target: string, onProgress: (line: string) => void): Promise<void> {
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    throw new Error(`Debian has no nats-server for ${process.platform} on ${process.arch}`);
  }
  const mirror = debianMirror(await aptSources());
  onProgress(`Fetching nats-server from ${new URL(mirror).host} (once)`);
  const release = await checkedRelease(mirror);
  const indexName = `main/binary-${architecture}/Packages.gz`;
  const indexHash = new RegExp(`^ ([0-9a-f]{64})\\s+\\d+ ${indexName}$`, 'm').exec(release)?.[1];
  if (indexHash === undefined) throw new Error(`${mirror}/${SUITE}/InRelease: does not name ${indexName}`);
  // By its hash, so that an index renewed since the release file was read doesn't matter.
  const index = await download(`${mirror}/${SUITE}/main/binary-${architecture}/by-hash/SHA256/${indexHash}`).catch(() =>
    download(`${mirror}/${SUITE}/${indexName}`),
  );
  requireSha256(index, indexHash, indexName);
  const found = packageFields(gunzipSync(index).toString('utf8'), 'nats-server');
  if (found === undefined) throw new Error(`${indexName}: names no nats-server`);
  const deb = await download(`${mirror}/${found.filename}`);
  requireSha256(deb, found.sha256, found.filename);
  const folder = await mkdtemp(`${target}.`);
  try {
    await unpack(deb, folder);
    await installProgram(path.join(folder, 'usr', 'sbin', 'nats-server'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
