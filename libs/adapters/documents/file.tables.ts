import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';

const Fresh = z.object({ fresh: z.boolean(), documents: z.boolean() });

/** Makes the tables of files: their contents, and who holds them. Safe to repeat and to race. */
export async function makeFileTables(pool: DatabasePool): Promise<void> {
  await pool.transaction(async (db) => {
    await db.query(sql.unsafe`select pg_advisory_xact_lock(hashtext('files'))`);
    const { fresh, documents } = await db.one(sql.type(Fresh)`
      select to_regclass('files.holders') is null as fresh, to_regclass('read_document.documents') is not null as documents`);
    if (!fresh) return;
    await db.query(sql.unsafe`create schema if not exists files`);
    await db.query(sql.unsafe`
      create table if not exists files.contents (
        workspace_id text not null, sha256 text not null, bytes bytea not null, created_at timestamptz not null default now(),
        primary key (workspace_id, sha256)
      )`);
    // Most files are compressed already.
    await db.query(sql.unsafe`alter table files.contents alter column bytes set storage external`);
    await db.query(sql.unsafe`
      create table files.holders (
        workspace_id text not null, holder text not null, sha256 text not null, held_at timestamptz not null default clock_timestamp(),
        primary key (workspace_id, holder, sha256),
        foreign key (workspace_id, sha256) references files.contents (workspace_id, sha256)
      )`);
    await db.query(sql.unsafe`create index holders_by_file on files.holders (workspace_id, sha256)`);
    await db.query(sql.unsafe`create index holders_under_way on files.holders (held_at) where holder like 'upload/%'`);
    // Files of an older release had no holders.
    if (documents) {
      await db.query(sql.unsafe`
        insert into files.holders (workspace_id, holder, sha256)
        select d.workspace_id, d.id, c.sha256 from read_document.documents d
        join files.contents c on c.workspace_id = d.workspace_id and c.sha256 = d.file ->> 'sha256'`);
    }
  });
}
