import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';

const Row = z.object({ id: z.string() });

/** Documents of a base by the read model of documents. */
export const createList =
  (pool: () => DatabasePool): DocumentsPort['list'] =>
  async (workspaceId, knowledgeBaseId, after, limit) => {
    const rows = await pool().any(sql.type(Row)`
      select id from read_document.documents
      where workspace_id = ${workspaceId} and knowledge_base_id = ${knowledgeBaseId} and id collate "C" > ${after ?? ''}
      order by id collate "C" limit ${limit}`);
    return rows.map(({ id }) => id);
  };
