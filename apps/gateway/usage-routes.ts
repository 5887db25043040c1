import type { FastifyInstance } from 'fastify';
import { sql, type DatabasePool, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { positionOfProjection } from '@agent-platform/runtime/read';
import { liveSchema } from '@agent-platform/runtime/read-models';
import type { Gateway } from './gateway.ts';
import { fastifyPath, parametersOf } from './parameters.ts';
import { contextOf } from './request-context.ts';

const PROJECTION = 'model_call';
const COLUMN = { none: null, day: 'day', model: 'model', run: 'run_id', agent: 'agent_id' } as const;

const route = gatewayRoutes['usage.sums'];
type Params = z.output<typeof route.params>;

const Row = z.object({
  key: z.string().nullable(),
  calls: z.number(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost_usd: z.string(),
  unpriced_calls: z.number(),
});

/** Sums over the read model of model calls, in SQL: money is added as decimals. */
export function mountUsageRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get(fastifyPath(route.path), async (request) => {
    const { workspace_id } = contextOf(request);
    const params = parametersOf(route.params, request);
    if (params.read_after !== undefined) await gateway.waitFor(PROJECTION, params.read_after);
    // Read before the sums: they reflect at least this position.
    const position = await positionOfProjection(gateway.pool, PROJECTION);
    return { items: await sums(gateway.pool, workspace_id, params), position };
  });
}

/** Days in their order, everything else by cost, the dearest first. Without a group there is one row, also for no calls. */
async function sums(pool: DatabasePool, workspaceId: string, { group_by, limit, ...filters }: Params): Promise<readonly z.output<typeof Row>[]> {
  const column = COLUMN[group_by];
  const key = column === null ? sql.fragment`null::text` : sql.identifier([column]);
  const order = group_by === 'day' ? sql.fragment`order by key` : sql.fragment`order by sum(cost_usd::numeric) desc nulls last, key`;
  return pool.any(sql.type(Row)`
    select ${key} as key, count(*)::float8 as calls, coalesce(sum(prompt_tokens), 0)::float8 as prompt_tokens,
      coalesce(sum(completion_tokens), 0)::float8 as completion_tokens,
      trim_scale(coalesce(sum(cost_usd::numeric), 0))::text as cost_usd,
      (count(*) filter (where cost_usd is null))::float8 as unpriced_calls
    from ${sql.identifier([liveSchema(PROJECTION), 'model_calls'])}
    where workspace_id = ${workspaceId} ${conditions(filters)}
    ${column === null ? sql.fragment`` : sql.fragment`group by ${key}`} ${order} limit ${limit}`);
}

function conditions({ from, to, run_id, agent_id }: Omit<Params, 'group_by' | 'limit'>): FragmentSqlToken {
  const given = [
    sql.fragment``,
    ...(from === undefined ? [] : [sql.fragment`and called_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql.fragment`and called_at < ${to}::timestamptz`]),
    ...(run_id === undefined ? [] : [sql.fragment`and run_id = ${run_id}`]),
    ...(agent_id === undefined ? [] : [sql.fragment`and agent_id = ${agent_id}`]),
  ];
  return sql.fragment`${sql.join(given, sql.fragment` `)}`;
}
