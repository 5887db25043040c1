import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure, toFailure, toProblem } from '@agent-platform/kernel/index';

/** Answers a failure as problem+json with the request id. */
export function sendProblem(reply: FastifyReply, failure: Failure, instance: string): FastifyReply {
  const request_id = reply.getHeader('x-request-id');
  const problem = toProblem(failure, { instance, ...(typeof request_id === 'string' && { request_id }) });
  if (failure.retryAfterSeconds !== undefined) void reply.header('retry-after', String(failure.retryAfterSeconds));
  return reply.code(problem.status).type('application/problem+json').send(problem);
}

/** One door for everything that goes wrong: what we did not foresee is logged with its cause and answered as 500 without it. */
export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    const failure = fromFastify(error);
    if (failure.kind === 'fault') request.log.error({ error }, 'request failed');
    return sendProblem(reply, failure, request.url);
  });
  app.setNotFoundHandler(async (request, reply) =>
    sendProblem(reply, new Failure('missing', 'route-unknown', `There is no ${request.method} ${request.url.split('?')[0] ?? ''}. The routes are listed under /docs.`), request.url),
  );
}

function fromFastify(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new Failure('invalid', 'body-too-large', 'The body is larger than 1 MB; send less, or a reference to it.', { status });
  if (status === 415) return new Failure('invalid', 'media-type', 'The content type is not understood; send application/json.', { status });
  if (status >= 400 && status < 500) return new Failure('invalid', 'bad-request', error instanceof Error ? error.message : 'The request is not valid.', { status });
  return toFailure(error);
}
