/** nats-server from its official release: one pinned version, one pinned SHA-256 for each platform. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { download, installProgram, requireSha256 } from './download.ts';

const run = promisify(execFile);

/** The release that is fetched. */
export const RELEASE_VERSION = '2.15.0';

// From the release's SHA256SUMS; the Linux ones are also in the official Docker image of this version.
const SHA256: Readonly<Record<string, string>> = {
  'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
  'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
  'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
  'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
};

function platform(): string {
  return `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

function archiveName(): string {
  return `nats-server-v${RELEASE_VERSION}-${platform()}`;
}

/** Where this machine's archive is. */
export function releaseUrl(): string {
  return `https://github.com/nats-io/nats-server/releases/download/v${RELEASE_VERSION}/${archiveName()}.tar.gz`;
}

/** Fetches the released nats-server to `target`. Throws on anything but the pinned bytes. */
export async function fetchReleasedNats(target: string, onProgress: (line: string) => void): Promise<void> {
  const sha256 = SHA256[platform()];
  if (sha256 === undefined) throw new Error(`no nats-server release is pinned for ${platform()}`);
  onProgress(`Fetching nats-server ${RELEASE_VERSION} from github.com (once)`);
  const archive = await download(releaseUrl());
  requireSha256(archive, sha256, archiveName());
  const folder = await mkdtemp(`${target}.`);
  try {
    const file = path.join(folder, 'nats-server.tar.gz');
    await writeFile(file, archive);
    await run('tar', ['-xzf', file, '-C', folder]);
    await installProgram(path.join(folder, archiveName(), 'nats-server'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
