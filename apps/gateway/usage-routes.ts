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

/** What calls are grouped by, in SQL. Times are ISO, UTC, so that their order as texts is their order. */
const KEY = {
  none: sql.fragment`null::text`,
  day: sql.fragment`day`,
  hour: sql.fragment`to_char(called_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24":00:00.000Z"')`,
  model: sql.fragment`model`,
  run: sql.fragment`run_id`,
  skill_run: sql.fragment`skill_run_id`,
  agent: sql.fragment`agent_id`,
} as const;

interface Asked {
  readonly by: keyof typeof KEY;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly run_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly limit: number;
}

const Row = z.object({
  key: z.string().nullable(),
  calls: z.number(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost_usd: z.string(),
  unpriced_calls: z.number(),
});
type Row = z.output<typeof Row>;

/** Sums over the read model of model calls, in SQL: money is added as decimals. */
export function mountUsageRoutes(app: FastifyInstance, gateway: Gateway): void {
  const answer = async <T>(workspaceId: string, readAfter: string | undefined, asked: Asked, shown: (row: Row) => T) => {
    if (readAfter !== undefined) await gateway.waitFor(PROJECTION, readAfter);
    // Read before the sums: they reflect at least this position.
    const position = await positionOfProjection(gateway.pool, PROJECTION);
    return { items: (await sums(gateway.pool, workspaceId, asked)).map(shown), position };
  };

  const all = gatewayRoutes['usage.sums'];
  app.get(fastifyPath(all.path), (request) => {
    const { group_by: by, read_after, ...asked } = parametersOf(all.params, request);
    return answer(contextOf(request).workspace_id, read_after, { by, ...asked }, (row) => row);
  });
  const agents = gatewayRoutes['usage.agents'];
  app.get(fastifyPath(agents.path), (request) => {
    const { read_after, ...asked } = parametersOf(agents.params, request);
    return answer(contextOf(request).workspace_id, read_after, { by: 'agent', ...asked }, ({ key, ...row }) => ({ agent_id: key, ...row }));
  });
  const history = gatewayRoutes['usage.history'];
  app.get(fastifyPath(history.path), (request) => {
    const { interval: by, read_after, ...asked } = parametersOf(history.params, request);
    return answer(contextOf(request).workspace_id, read_after, { by, ...asked }, ({ key, ...row }) => ({ start: key, ...row }));
  });
}

/** Days and hours in their order, everything else by cost, the dearest first. Without a group there is one row, also for no calls. */
async function sums(pool: DatabasePool, workspaceId: string, asked: Asked): Promise<readonly Row[]> {
  const inTime = asked.by === 'day' || asked.by === 'hour';
  const order = inTime ? sql.fragment`order by key` : sql.fragment`order by sum(cost_usd::numeric) desc nulls last, key`;
  return pool.any(sql.type(Row)`
    select ${KEY[asked.by]} as key, count(*)::float8 as calls, coalesce(sum(prompt_tokens), 0)::float8 as prompt_tokens,
      coalesce(sum(completion_tokens), 0)::float8 as completion_tokens,
      trim_scale(coalesce(sum(cost_usd::numeric), 0))::text as cost_usd,
      (count(*) filter (where cost_usd is null))::float8 as unpriced_calls
    from ${sql.identifier([liveSchema(PROJECTION), 'model_calls'])}
    where workspace_id = ${workspaceId} ${conditions(asked)}
    ${asked.by === 'none' ? sql.fragment`` : sql.fragment`group by 1`} ${order} limit ${asked.limit}`);
}

function conditions({ from, to, run_id, agent_id }: Asked): FragmentSqlToken {
  const given = [
    sql.fragment``,
    ...(from === undefined ? [] : [sql.fragment`and called_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql.fragment`and called_at < ${to}::timestamptz`]),
    ...(run_id === undefined ? [] : [sql.fragment`and run_id = ${run_id}`]),
    ...(agent_id === undefined ? [] : [sql.fragment`and agent_id = ${agent_id}`]),
  ];
  return sql.fragment`${sql.join(given, sql.fragment` `)}`;
}
