import { sql } from 'slonik';
import type { FastifyInstance } from 'fastify';
import { messagingHealth } from '@agent-platform/messaging/lag';
import { allStatuses } from '@agent-platform/runtime/read-models';
import { askHealth } from '@agent-platform/service/health';
import { check } from './dependency-check.ts';
import type { Gateway } from './gateway.ts';
import { FREE } from './pressure.ts';
import { servicesHealth } from './services-health.ts';

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
