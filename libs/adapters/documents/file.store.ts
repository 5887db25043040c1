import { createHash } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';

const Row = z.object({ bytes: z.instanceof(Buffer) });
const table = sql.fragment`files.contents`;

/**
 * Original files by workspace and SHA-256, beside the event log: events hold the reference, never the bytes. They are kept
 * before the event that refers to them, in a commit of their own; one whose event then does not come is harmless. A workspace
 * can't reach a file of another one by knowing its hash.
 */
export function createFileStore(pool: () => DatabasePool): Pick<DocumentsPort, 'keep' | 'load'> {
  let made: Promise<void> | undefined;
  const ready = (): Promise<void> =>
    (made ??= makeTable(pool()).catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
  return {
    async keep(workspaceId, bytes) {
      await ready();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const content = sql.binary(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      await pool().query(sql.unsafe`
        insert into ${table} (workspace_id, sha256, bytes) select ${workspaceId}, ${sha256}, ${content}
        where not exists (select from ${table} where workspace_id = ${workspaceId} and sha256 = ${sha256})
        on conflict do nothing`);
      return sha256;
    },
    async load(workspaceId, sha256) {
      await ready();
      const row = await pool().maybeOne(sql.type(Row)`select bytes from ${table} where workspace_id = ${workspaceId} and sha256 = ${sha256}`);
      if (row) return row.bytes;
      const error = { field: '/file/sha256', rule: 'is no file of this workspace', remedy: 'upload it again' };
      throw new Failure('missing', 'file-missing', `There is no file ${sha256.slice(0, 12)}… in this workspace; upload it again.`, { errors: [error] });
    },
  };
}

/** Safe to repeat and to race. */
async function makeTable(pool: DatabasePool): Promise<void> {
  await pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('files'))`);
    await db.query(sql.unsafe`create schema if not exists files`);
    await db.query(sql.unsafe`
      create table if not exists ${table} (
        workspace_id text not null, sha256 text not null, bytes bytea not null, created_at timestamptz not null default now(),
        primary key (workspace_id, sha256)
      )`);
    // Most files are compressed already.
    await db.query(sql.unsafe`alter table ${table} alter column bytes set storage external`);
  });
}
