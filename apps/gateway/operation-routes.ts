import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'slonik';
import type { FastifyInstance } from 'fastify';
import { toFailure } from '@agent-platform/kernel/index';
import { messagingHealth } from '@agent-platform/messaging/lag';
import { allStatuses } from '@agent-platform/runtime/read-models';
import { askHealth } from '@agent-platform/service/health';
import type { Gateway } from './gateway.ts';
import { FREE } from './pressure.ts';
import { servicesHealth } from './services-health.ts';

const CHECK_MS = 2_000;

interface Check {
  readonly status: 'up' | 'down';
  readonly latency_ms: number;
  readonly message?: string;
}

/** Liveness and readiness: at the root, where probes look, and under the prefixes. */
export function mountHealth(app: FastifyInstance, gateway: Gateway): void {
  app.get('/health', FREE, async () => ({ status: 'ok' }));
  app.get('/ready', FREE, async (_request, reply) => {
    const checks = {
      postgres: await check(() => gateway.pool.oneFirst(sql.unsafe`select 1`)),
      nats: await check(() => gateway.nats.flush()),
      commands: await check(async () => {
        if ((await askHealth(gateway.nats, 'commands')).length === 0) throw new Error('No commands role answers.');
      }),
    };
    const ready = Object.values(checks).every(({ status }) => status === 'up') && !gateway.closing.aborted;
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', checks });
  });
}

/** Routes for operators. */
export function mountOperationRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get('/services/health', FREE, async () => servicesHealth(gateway));
  app.get('/projections', FREE, async () => {
    const [statuses, head] = await Promise.all([allStatuses(gateway.pool), gateway.log.head()]);
    return { head, items: statuses.map((status) => ({ ...status, lag: Math.max(0, head - status.position) })) };
  });
  app.get('/consumers', FREE, async () => messagingHealth(gateway.nats));
}

/** One dependency, asked with a limit of time: a hanging one is a down one. */
export async function check(ask: () => Promise<unknown>): Promise<Check> {
  const started = performance.now();
  const over = new AbortController();
  try {
    await Promise.race([
      ask(),
      wait(CHECK_MS, undefined, { signal: over.signal }).then(() => {
        throw new Error(`No answer in ${CHECK_MS} ms.`);
      }),
    ]);
    return { status: 'up', latency_ms: since(started) };
  } catch (error) {
    return { status: 'down', latency_ms: since(started), message: error instanceof Error ? error.message : toFailure(error).message };
  } finally {
    over.abort();
  }
}

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;
