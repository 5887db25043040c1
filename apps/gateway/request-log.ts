import type { FastifyInstance } from 'fastify';
import type { Logger } from '@agent-platform/service/log';

/** One line per request, when its answer is sent or its caller has gone. What is asked all the time by probes is debug. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('workspaceId', '');
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (!logger.isLevelEnabled('info')) return;
    const started = performance.now();
    reply.raw.once('close', () => {
      const probe = request.routeOptions.config.lane === 'free';
      const line = {
        request_id: request.id,
        workspace_id: request.workspaceId,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.raw.statusCode,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ...(!reply.raw.writableFinished && { cut: true }),
      };
      if (probe) logger.debug(line, 'request');
      else logger.info(line, 'request');
    });
  });
}
