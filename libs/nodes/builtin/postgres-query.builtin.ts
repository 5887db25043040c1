import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { z } from 'zod';
import { nodeError } from '../outcome.ts';
import { defineBuiltin } from './builtin.ts';

/** One template and nothing beside it: a statement that somebody else wrote as a whole, e.g. a model. */
const ONE_TEMPLATE = /^\s*\{\{[^{}]*\}\}\s*$/;

export const postgresQuery = defineBuiltin({
  description:
    'Asks a Postgres database that the operator has listed, with one SQL statement. Values go into parameters, as $1, $2 …; calls read unless mode is "write".',
  input: z.strictObject({
    connection: z.string().min(1).max(64).meta({ description: 'Name of the database, as the operator listed it' }),
    sql: z.string().min(1).max(20_000).meta({ description: 'One statement; values are $1, $2 …' }),
    parameters: z.array(z.json()).max(200).default([]).meta({ description: 'Values of $1, $2 … in their order' }),
    mode: z.enum(['read', 'write']).default('read').meta({ description: 'write is refused unless the operator allows it for this database' }),
    max_rows: z.int().min(1).max(10_000).default(100),
  }),
  writes: true,
  check({ sql }) {
    if (typeof sql !== 'string' || !sql.includes('{{') || ONE_TEMPLATE.test(sql)) return null;
    return nodeError(
      'tool-input-invalid',
      'input.sql: holds a template, whose value could change the statement; write $1 and give the value in input.parameters.',
    );
  },
  repeatable: ({ mode }) => mode === 'read',
  // A parameter may be a secret, e.g. the key of a column.
  fill: (input, fill) => ({ ...input, ...(Array.isArray(input['parameters']) && { parameters: input['parameters'].map((one) => filled(one, fill)) }) }),
  async perform({ connection, sql, parameters, mode, max_rows }, { ports, context, timeout_ms }) {
    const { workspace_id } = context.stream;
    const secretOf = async (name: string): Promise<string | null> => (await context.credentialOf?.(name)) ?? null;
    const query = { workspace_id, connection, sql, parameters, mode, max_rows, timeout_ms, secretOf };
    const answer = await ports.database.query(query, { signal: context.signal });
    const rows: JsonValue = answer.rows.map((row): JsonObject => ({ ...row }));
    const { columns, row_count, truncated } = answer;
    return { value: { columns: [...columns], rows, row_count, truncated }, text: JSON.stringify(rows) };
  },
});

const filled = (value: JsonValue, fill: (text: string) => string): JsonValue => (typeof value === 'string' ? fill(value) : value);
