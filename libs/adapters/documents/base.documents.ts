import { setTimeout as wait } from 'node:timers/promises';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import type { DocumentPage, DocumentsPort } from '@agent-platform/ports/documents.port';

const Row = z.object({ id: z.string() });
const Shown = z.object({ shown: z.boolean() });
const LOOK_EVERY_MS = 20;

/**
 * Documents of a base by the read model of documents, once it stands where every document is in it that was added before the
 * reindex: the base's row shows the reindex, so its projection has reached that event, and that of documents is no less far.
 */
export function createList(pool: () => DatabasePool): DocumentsPort['list'] {
  const shown = ({ workspace_id, knowledge_base_id, reindex_id }: DocumentPage) => sql.type(Shown)`
    select exists (
      select from read_knowledge_base.knowledge_bases b, read_models.projections bases, read_models.projections documents
      where b.workspace_id = ${workspace_id} and b.id = ${knowledge_base_id} and b.reindex ->> 'id' = ${reindex_id}
        and bases.name = 'knowledge_base' and bases.state = 'live'
        and documents.name = 'document' and documents.state = 'live' and documents.position >= bases.position
    ) as shown`;

  return async (page, { signal }) => {
    while (!(await pool().one(shown(page))).shown) {
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch((cause: unknown) => {
        throw new Failure('transient', 'reindex-behind', 'The read model of documents has not reached the reindex in time.', { cause });
      });
    }
    const { workspace_id, knowledge_base_id, after, limit } = page;
    const rows = await pool().any(sql.type(Row)`
      select id from read_document.documents
      where workspace_id = ${workspace_id} and knowledge_base_id = ${knowledge_base_id} and id collate "C" > ${after ?? ''}
      order by id collate "C" limit ${limit}`);
    return rows.map(({ id }) => id);
  };
}
