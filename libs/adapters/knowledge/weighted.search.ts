import type { KnowledgePort, KnowledgeQuery } from '@agent-platform/ports/knowledge.port';

type Weights = NonNullable<KnowledgeQuery['weights']>;

/** A search that counts vectors and words as its base does, where the query says nothing; the answer names weights that are not the usual ones. */
export const createWeightedSearch = (
  search: KnowledgePort,
  weightsOf: (workspaceId: string, knowledgeBaseId: string) => Promise<Weights | null>,
): KnowledgePort => ({
  async search(query, options) {
    const weights = query.weights ?? (await weightsOf(query.workspace_id, query.knowledge_base_id));
    return weights ? { ...(await search.search({ ...query, weights }, options)), weights } : search.search(query, options);
  },
});
