import { KnowledgeBaseView } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { knowledgeBaseProjection } from './knowledge-base.projection.ts';

test('rows have the fields of the view', () => {
  const chunking = { max_chars: 1000, overlap_chars: 150 };
  const { knowledge_bases } = tablesOf(
    knowledgeBaseProjection,
    [
      { type: 'knowledge_base.created', data: { code: 'kb', name: 'KB', description: null, chunking } },
      { type: 'knowledge_base.updated', data: { name: 'New' } },
      { type: 'knowledge_base.archived', data: {} },
    ],
    { stream_id: 'kb-1' },
  );
  expect(KnowledgeBaseView.parse(knowledge_bases?.[0])).toMatchObject({ id: 'kb-1', name: 'New', status: 'archived', version: 3 });
});
