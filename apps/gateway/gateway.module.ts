import 'reflect-metadata';
import { type ArgumentsHost, type ExceptionFilter, HttpException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure, toFailure } from '@agent-platform/kernel/index';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { nestLogger } from '@agent-platform/service/nest-logger';
import type { Logger } from '@agent-platform/service/log';
import { sendProblem } from './problem-reply.ts';

class GatewayModule {}

/** What Nest itself refuses (an unknown route, mostly) is answered like everything else. */
class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    void sendProblem(http.getResponse<FastifyReply>(), problemOf(error, request), request.url);
  }
}

function problemOf(error: unknown, request: FastifyRequest): Failure {
  if (!(error instanceof HttpException)) return toFailure(error);
  if (error.getStatus() === 404) return new Failure('missing', 'route-unknown', `There is no ${request.method} ${request.url.split('?')[0] ?? ''}. The routes are listed under /docs.`);
  return new Failure('invalid', 'bad-request', error.message, { status: error.getStatus() });
}

/** Nest carries life cycle and server; the routes are data of the contracts and are mounted on Fastify itself. */
export async function createHttpServer(logger: Logger, mount: (app: FastifyInstance) => Promise<void>): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: LIMITS.commandBytes, forceCloseConnections: true, routerOptions: { maxParamLength: 200 } });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, adapter, { bodyParser: false, logger: nestLogger(logger) });
  app.useGlobalFilters(new ProblemFilter());
  // The adapter types its instance by its own copy of Fastify's generics.
  await mount(adapter.getInstance() as unknown as FastifyInstance);
  return app;
}
