import 'reflect-metadata';
import { type ArgumentsHost, type ExceptionFilter, HttpException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { Failure, toFailure } from '@agent-platform/kernel/index';
import type { Logger } from '@agent-platform/service/log';
import { nestLogger } from '@agent-platform/service/nest-logger';
import { rememberMethods } from './known-methods.ts';
import { refuseMalformed } from './malformed-request.ts';
import { sendProblem, sendUnknown } from './problem-reply.ts';
import { requestIdOf } from './request-context.ts';
import { routeUpgrades, webSocketsOnly } from './upgrade.ts';

/** How long a client may take to send a request. */
const REQUEST_MS = 30_000;

class GatewayModule {}

/** What Nest itself refuses (an unknown route, mostly) is answered like everything else. */
class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (!(error instanceof HttpException)) return void sendProblem(request, reply, toFailure(error));
    if (error.getStatus() === 404) return void sendUnknown(request, reply);
    void sendProblem(request, reply, new Failure('invalid', 'bad-request', error.message, { status: error.getStatus() }));
  }
}

const SWEEP_MS = 50;
const GRACE_MS = 10_000;

/** Takes no new request, lets those in hand end for 10 s, and then cuts them. */
export async function closeServer(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  // Node closes what is idle now; a kept-alive connection that becomes idle later would hold the server for a minute.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Nest carries life cycle and server; the routes are data of the contracts and are mounted on Fastify itself. */
export async function createHttpServer(logger: Logger, mount: (app: FastifyInstance) => void): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: LIMITS.commandBytes,
    forceCloseConnections: 'idle',
    http: webSocketsOnly,
    requestTimeout: REQUEST_MS,
    genReqId: requestIdOf,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    clientErrorHandler: refuseMalformed,
    // What the router refuses before any route is found.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void sendProblem(request, reply, new Failure('invalid', 'bad-url', error.message, { status: error.statusCode ?? 400 })),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, adapter, { bodyParser: false, logger: nestLogger(logger) });
  app.useGlobalFilters(new ProblemFilter());
  const http = adapter.getInstance<FastifyInstance>();
  rememberMethods(http);
  routeUpgrades(http);
  mount(http);
  return app;
}
