import { createHash } from 'node:crypto';
import { type DatabasePool, type DatabaseTransactionConnection, ForeignKeyIntegrityConstraintViolationError, type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';
import { makeFileTables } from './file.tables.ts';

const Bytes = z.object({ bytes: z.instanceof(Buffer) });
const Held = z.object({ workspace_id: z.string(), sha256: z.string() });
const contents = sql.fragment`files.contents`;
const holders = sql.fragment`files.holders`;

/**
 * Original files by workspace and SHA-256, beside the event log: events hold the reference, never the bytes. They are kept
 * before the event that refers to them, in a commit of their own, and go in the commit in which the last holder lets go of
 * them: there is never a holder without its file. A workspace can't reach a file of another one by knowing its hash.
 */
export function createFileStore(pool: () => DatabasePool): Pick<DocumentsPort, 'keep' | 'hold' | 'load' | 'release'> {
  let made: Promise<void> | undefined;
  const ready = (): Promise<void> =>
    (made ??= makeFileTables(pool()).catch((error: unknown) => {
      made = undefined;
      throw error;
    }));

  /** Again where somebody else has just taken hold of what was to go, or let go of what was to be held. */
  async function inTransaction(work: (db: DatabaseTransactionConnection) => Promise<void>): Promise<void> {
    await ready();
    for (;;) {
      try {
        return await pool().transaction(work);
      } catch (error) {
        if (!(error instanceof ForeignKeyIntegrityConstraintViolationError)) throw error;
      }
    }
  }

  return {
    async keep(workspaceId, holder, bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const content = sql.binary(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      await inTransaction(async (db) => {
        await db.query(sql.unsafe`
          insert into ${contents} (workspace_id, sha256, bytes) select ${workspaceId}, ${sha256}, ${content}
          where not exists (select from ${contents} where workspace_id = ${workspaceId} and sha256 = ${sha256})
          on conflict do nothing`);
        await db.query(take(workspaceId, sha256, holder));
        await letGo(db, leftBehind);
      });
      return sha256;
    },
    async hold(workspaceId, holder, sha256) {
      await ready();
      try {
        await pool().query(take(workspaceId, sha256, holder));
      } catch (error) {
        throw error instanceof ForeignKeyIntegrityConstraintViolationError ? missing(sha256) : error;
      }
    },
    async load(workspaceId, sha256) {
      await ready();
      const row = await pool().maybeOne(sql.type(Bytes)`select bytes from ${contents} where workspace_id = ${workspaceId} and sha256 = ${sha256}`);
      if (row) return row.bytes;
      throw missing(sha256);
    },
    release: (workspaceId, holder, { except, before }) =>
      inTransaction((db) =>
        letGo(
          db,
          sql.fragment`workspace_id = ${workspaceId} and holder = ${holder} and sha256 is distinct from ${except} and held_at <= coalesce(${before}::timestamptz, clock_timestamp())`,
        ),
      ),
  };
}

/** An upload that is under way so long was left behind by a gateway that died. */
const leftBehind = sql.fragment`holder like 'upload/%' and held_at < now() - interval '1 hour'`;

async function letGo(db: DatabaseTransactionConnection, which: FragmentSqlToken): Promise<void> {
  const gone = await db.any(sql.type(Held)`delete from ${holders} where ${which} returning workspace_id, sha256`);
  if (gone.length === 0) return;
  const files = sql.unnest(
    gone.map(({ workspace_id, sha256 }) => [workspace_id, sha256]),
    ['text', 'text'],
  );
  // A statement of its own: it sees who else holds them now.
  await db.query(sql.unsafe`
    delete from ${contents} c using ${files} as gone (workspace_id, sha256) where c.workspace_id = gone.workspace_id and c.sha256 = gone.sha256
      and not exists (select from ${holders} h where h.workspace_id = c.workspace_id and h.sha256 = c.sha256)`);
}

const take = (workspaceId: string, sha256: string, holder: string) => sql.unsafe`
  insert into ${holders} (workspace_id, holder, sha256) values (${workspaceId}, ${holder}, ${sha256})
  on conflict (workspace_id, holder, sha256) do update set held_at = clock_timestamp()`;

function missing(sha256: string): Failure {
  const error = { field: '/file/sha256', rule: 'is no file of this workspace', remedy: 'upload it again' };
  return new Failure('missing', 'file-missing', `There is no file ${sha256.slice(0, 12)}… in this workspace; upload it again.`, { errors: [error] });
}
