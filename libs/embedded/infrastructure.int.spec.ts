import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FolderInUse, startInfrastructure, startNativePostgres, startNats, startPglite } from './index.ts';
import { findNatsServer } from './nats.binary.ts';
import { processIdentity } from './living.process.ts';
import { freePort, PortTaken } from './loopback.port.ts';

const cacheDir = path.resolve(import.meta.dirname, '../../.cache');
const Held = z.object({ pids: z.array(z.int()), databaseUrl: z.string(), natsUrl: z.string() });
let folder = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'embedded-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a platform process on the folder and resolves with what it says once it is up. */
async function hold(postgres: 'pglite' | 'native') {
  const entry = path.join(import.meta.dirname, 'testing', 'hold-infrastructure.ts');
  const child = spawn(process.execPath, [entry, folder, cacheDir, postgres], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return { child, ...Held.parse(JSON.parse(line)) };
  throw new Error('the platform process ended without a word');
}

async function sql<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function streamNames(url: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    return await manager.streams.names().next();
  } finally {
    await connection.close();
  }
}

describe.each(['pglite', 'native'] as const)('infrastructure with %s', (kind) => {
  it('serves, and keeps its data over an orderly stop', { timeout: 60_000 }, async () => {
    const first = await startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    await sql(first.databaseUrl, 'create table kept (a int); insert into kept values (7)');
    await first.stop();
    const second = await startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    expect(await sql(second.databaseUrl, 'select a from kept')).toEqual([{ a: 7 }]);
    expect(second.describe).toContain(kind);
    await second.stop();
  });

  it('ends with a killed platform, and starts again on the same folder with its data', { timeout: 60_000 }, async () => {
    const first = await hold(kind);
    await sql(first.databaseUrl, 'create table kept (a int); insert into kept values (8)');
    const connection = await connect({ servers: first.natsUrl });
    await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await connection.close();
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    // At once: the killed platform's servers are still being stopped by their guards.
    const second = await startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    for (const pid of first.pids) await expect.poll(() => processIdentity(pid)).toBeUndefined();
    expect(await sql(second.databaseUrl, 'select a from kept')).toEqual([{ a: 8 }]);
    expect(await streamNames(second.natsUrl)).toEqual(['KEPT']);
    await second.stop();
  });

  it('starts again after its Postgres itself was killed', { timeout: 60_000 }, async () => {
    const first = await startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    await sql(first.databaseUrl, 'create table kept (a int); insert into kept values (9)');
    process.kill(first.servers.postgres?.pid ?? 0, 'SIGKILL');
    expect(await first.lost).toBe('postgres');
    await first.stop();
    const second = await startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    expect(await sql(second.databaseUrl, 'select a from kept')).toEqual([{ a: 9 }]);
    await second.stop();
  });

  it('refuses a folder that another platform uses, naming its pid', { timeout: 60_000 }, async () => {
    const first = await hold(kind);
    const second = startInfrastructure({ dataDir: folder, cacheDir, postgres: kind });
    await expect(second).rejects.toThrow(FolderInUse);
    await expect(second).rejects.toThrow(`process ${first.child.pid}`);
  });
});

describe('native Postgres', () => {
  it('has checksums and durability on, and listens on loopback only', { timeout: 60_000 }, async () => {
    const server = await startNativePostgres({ dataDir: folder, settings: { work_mem: '5MB' } });
    const names = ['data_checksums', 'fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'work_mem'];
    const values = await Promise.all(names.map((name) => sql<Record<string, string>>(server.databaseUrl, `show ${name}`)));
    expect(values.map(([row]) => Object.values(row ?? {})[0])).toEqual(['on', 'on', 'on', 'on', '127.0.0.1', '5MB']);
    await server.stop();
  });

  it('names a data folder of another major version', { timeout: 60_000 }, async () => {
    mkdirSync(path.join(folder, 'cluster'));
    writeFileSync(path.join(folder, 'cluster', 'PG_VERSION'), '9.6\n');
    await expect(startNativePostgres({ dataDir: folder })).rejects.toThrow('made by Postgres 9.6');
  });
});

describe('ports', () => {
  it('says so when a wanted port is taken', { timeout: 60_000 }, async () => {
    const { file } = await findNatsServer({ cacheDir });
    const port = await freePort();
    const first = await startNats({ binary: file, storeDir: path.join(folder, 'a'), port });
    await expect(startNats({ binary: file, storeDir: path.join(folder, 'b'), port })).rejects.toThrow(PortTaken);
    await expect(startPglite({ port })).rejects.toThrow(PortTaken);
    await expect(startNativePostgres({ dataDir: path.join(folder, 'c'), port })).rejects.toThrow(PortTaken);
    await first.stop();
  });
});
