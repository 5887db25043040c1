import { sql, type FragmentSqlToken } from 'slonik';
import type { MetadataCondition } from '@agent-platform/ports/knowledge.port';

const json = (value: unknown): FragmentSqlToken => sql.fragment`${JSON.stringify(value ?? null)}::jsonb`;
const TYPES: Readonly<Record<string, string>> = { string: 'string', number: 'number', boolean: 'boolean' };

/** What a condition asks of the metadata of a document `d`. Values are compared as JSON: numbers by their size, texts by their letters. */
export function metadataCondition({ field, op, value }: MetadataCondition): FragmentSqlToken {
  const found = sql.fragment`(d.metadata #> ${sql.array(field.split('.'), 'text')})`;
  // Only what is of one type has an order that somebody can have meant.
  const comparable = sql.fragment`jsonb_typeof(${found}) = ${TYPES[typeof value] ?? 'null'}`;
  switch (op) {
    case 'eq':
      return sql.fragment`${found} = ${json(value)}`;
    case 'ne':
      return sql.fragment`${found} is distinct from ${json(value)}`;
    case 'gt':
      return sql.fragment`(${comparable} and ${found} > ${json(value)})`;
    case 'gte':
      return sql.fragment`(${comparable} and ${found} >= ${json(value)})`;
    case 'lt':
      return sql.fragment`(${comparable} and ${found} < ${json(value)})`;
    case 'lte':
      return sql.fragment`(${comparable} and ${found} <= ${json(value)})`;
    case 'in':
      return sql.fragment`${json(value)} @> jsonb_build_array(${found})`;
    case 'not_in':
      return sql.fragment`(${found} is null or not ${json(value)} @> jsonb_build_array(${found}))`;
    case 'contains':
      return sql.fragment`${found} @> ${json(value)}`;
    case 'exists':
      return sql.fragment`(${found} is not null) = ${value !== false}`;
  }
}
