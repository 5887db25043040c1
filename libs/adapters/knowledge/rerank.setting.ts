import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import type { RerankParts } from './model.rerank.ts';

const Row = z.object({ rerank: RerankSetting.nullable() });

/** What bases say of their searches, by the read model of bases. */
export const rerankSettings =
  (pool: () => DatabasePool): RerankParts['settingOf'] =>
  async (workspaceId, knowledgeBaseId) => {
    const row = await pool().maybeOne(
      sql.type(Row)`select rerank from read_knowledge_base.knowledge_bases where workspace_id = ${workspaceId} and id = ${knowledgeBaseId}`,
    );
    return row?.rerank ?? null;
  };
