import type { AnyFeature } from '@agent-platform/kernel/index';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { createFeatures } from './index.ts';

const features = createFeatures({ nodes: new Map() });

/** Names of the columns of a table, as the projection's own file has them. */
function columnsOf(feature: AnyFeature, projection: string, table: string): string[] {
  const text = feature.projections.find(({ name }) => name === projection)?.sql ?? '';
  const body = new RegExp(`create table ${table} \\(([\\s\\S]*?)\\n\\)`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name).filter((name) => name !== 'primary');
}

// Views and parameters are objects, and results of lists are pages of views: contracts are written so.
const fieldsOf = (schema: z.ZodType): string[] => Object.keys((schema as z.ZodObject).shape);
const viewOf = (result: z.ZodType, kind: 'get' | 'list'): string[] =>
  fieldsOf(kind === 'get' ? result : (result as z.ZodObject<{ items: z.ZodArray<z.ZodType> }>).shape.items.element);

describe.each(features.map((feature) => [feature.contract.category, feature] as const))('%s', (_category, feature) => {
  test('answers every query that its contract promises, and no other', () => {
    expect(Object.keys(feature.queries).toSorted()).toEqual(Object.keys(feature.contract.queries).toSorted());
  });

  test.each(Object.entries(feature.queries))('%s reads columns that exist, of which the view shows all', (name, query) => {
    const contract = feature.contract.queries[name];
    if (!contract) throw new Error(`"${name}" is not promised`);
    const columns = columnsOf(feature, query.projection, query.table);
    expect(viewOf(contract.result, query.kind).toSorted()).toEqual(columns.toSorted());
    const read = query.kind === 'get' ? Object.values(query.key) : [...Object.values(query.filters), ...query.order].map(({ column }) => column);
    expect(columns).toEqual(expect.arrayContaining(read));
    const params = query.kind === 'get' ? Object.keys(query.key) : Object.keys(query.filters);
    expect(fieldsOf(contract.params)).toEqual(expect.arrayContaining(params));
  });

  test('projections list events that somebody declares', () => {
    const declared = new Set(features.flatMap(({ contract }) => Object.keys(contract.events)));
    for (const { events } of feature.projections) for (const type of events) expect(declared).toContain(type);
  });
});
