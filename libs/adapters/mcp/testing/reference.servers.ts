import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';

/** Servers which nobody here wrote. */
const entryOf = (name: 'everything' | 'filesystem' | 'memory'): string =>
  path.join(path.dirname(createRequire(import.meta.url).resolve(`@modelcontextprotocol/server-${name}/package.json`)), 'dist', 'index.js');

/** A reference server as a process, and the command line that the operator has to allow. */
export function referenceServer(
  name: 'everything' | 'filesystem' | 'memory',
  ...more: string[]
): { readonly config: McpServerConfig; readonly allowed: string } {
  const args = [entryOf(name), ...(name === 'everything' ? ['stdio'] : []), ...more];
  return { config: { transport: 'stdio', command: process.execPath, args }, allowed: [process.execPath, ...args].join(' ') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The reference server over HTTP, on a port of its own. */
export async function serveEverything(kind: 'streamableHttp' | 'sse'): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const port = await freePort();
  const child = spawn(process.execPath, [entryOf('everything'), kind], { env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
  // It says where it listens, and only then.
  await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
  return { port, child };
}
