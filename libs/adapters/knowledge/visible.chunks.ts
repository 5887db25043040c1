import { sql, type FragmentSqlToken } from 'slonik';
import type { KnowledgeQuery } from '@agent-platform/ports/knowledge.port';
import { metadataCondition } from './metadata.filter.ts';

/** A number as text of the statement: as a parameter it would be of no use to the planner, or not allowed. */
export const literal = (value: number): FragmentSqlToken => ({ ...sql.fragment``, sql: String(Math.trunc(value)) });

/** Conditions on documents `d`: of the base, and as the filters want them. */
function wanted({ workspace_id, knowledge_base_id, filters }: KnowledgeQuery): FragmentSqlToken {
  const { document_ids, source_type, metadata, where = [] } = filters;
  const conditions = [
    sql.fragment`d.workspace_id = ${workspace_id} and d.knowledge_base_id = ${knowledge_base_id}`,
    ...(document_ids ? [sql.fragment`and d.id = any (${sql.array([...document_ids], 'text')})`] : []),
    ...(source_type === undefined ? [] : [sql.fragment`and d.source_type = ${source_type}`]),
    ...(metadata ? [sql.fragment`and d.metadata @> ${JSON.stringify(metadata)}::jsonb`] : []),
    ...where.map((condition) => sql.fragment`and ${metadataCondition(condition)}`),
  ];
  return sql.fragment`${sql.join(conditions, sql.fragment` `)}`;
}

/**
 * Chunks `c` that a search may see, of the indexes that their documents `d` show, from the side of the chunks: for an index over
 * them. Each leads to its document by the key: `offset 0` keeps the planner from asking an index of the chunks once per document.
 * With `byBase` false the base is only compared: an index that has found a few chunks already need not be joined with that of all chunks of the base.
 */
export const visible = (query: KnowledgeQuery, byBase = true): FragmentSqlToken => sql.fragment`
  read_document.chunks c cross join lateral (
    select d.title, d.metadata from read_document.documents d
    where d.workspace_id = c.workspace_id and d.id = c.document_id and d.search_version = c.index_version and ${wanted(query)} offset 0
  ) d where ${
    byBase
      ? sql.fragment`c.workspace_id = ${query.workspace_id} and c.knowledge_base_id = ${query.knowledge_base_id}`
      : sql.fragment`c.workspace_id || '' = ${query.workspace_id} and c.knowledge_base_id || '' = ${query.knowledge_base_id}`
  }`;

/**
 * Ids of the same chunks from the side of the documents, `most` at most.
 */
export const idsUpTo = (most: number, query: KnowledgeQuery): FragmentSqlToken => sql.fragment`
  select c.id from read_document.documents d cross join lateral (
    select c.id from read_document.chunks c
    where c.workspace_id = d.workspace_id and c.document_id = d.id and c.index_version = d.search_version offset 0
  ) c where ${wanted(query)} limit ${literal(most)}`;
