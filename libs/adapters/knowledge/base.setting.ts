import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { HybridWeights } from '@agent-platform/contracts/retrieval/hybrid.weights';

const BaseSetting = z.object({ rerank: RerankSetting.nullable(), weights: HybridWeights.nullable() });

/** What bases say of the searches that say nothing themselves, by the read model of bases; null: there is no such base. */
export const baseSettings = (pool: () => DatabasePool) => (workspaceId: string, knowledgeBaseId: string) =>
  pool().maybeOne(
    sql.type(BaseSetting)`select rerank, weights from read_knowledge_base.knowledge_bases where workspace_id = ${workspaceId} and id = ${knowledgeBaseId}`,
  );
