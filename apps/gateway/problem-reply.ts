import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '@agent-platform/contracts/kit/index';
import { isOutage } from '@agent-platform/event-log/outage';
import { Failure, type FailureKind, toFailure, toProblem } from '@agent-platform/kernel/index';

/** Members of a problem besides those that all have. */
type Extension = (problem: Problem) => object;

/** Answers a failure as problem+json with the request id. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure, extension?: Extension): FastifyReply {
  const problem = toProblem(failure, { instance: request.url.slice(0, 500), request_id: request.id });
  if (failure.retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.ceil(failure.retryAfterSeconds)));
  return reply
    .code(problem.status)
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .send({ ...problem, ...extension?.(problem) });
}

/** One door for everything that goes wrong: what we did not foresee is logged with its cause and answered as 500 without it. */
export function installProblems(app: FastifyInstance, extension?: Extension): void {
  app.setErrorHandler(async (error, request, reply) => {
    const failure = fromFastify(error, request);
    if (failure.kind === 'fault') request.log.error({ error: failure, request_id: request.id }, 'request failed');
    return sendProblem(request, reply, failure, extension);
  });
}

/** The same for unknown routes. Not at the root: there Nest has its own, which ends in the same answer. */
export function installNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler(async (request, reply) => sendUnknown(request, reply));
}

/** Answers who asks for a path that is not there (404), or in a way that it does not take (405, with those it takes). */
export function sendUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method, server, url } = request;
  const path = url.split('?')[0] ?? '';
  const shown = path.slice(0, 200);
  const methods = server.methodsAt(path).join(', ');
  if (methods === '') return sendProblem(request, reply, new Failure('missing', 'route-unknown', `There is no ${method} ${shown}. ${LISTED}`));
  const failure = new Failure('invalid', 'method-unknown', `${shown} takes ${methods}, not ${method}. ${LISTED}`, { status: 405 });
  return sendProblem(request, reply.header('allow', methods), failure);
}

const LISTED = 'The routes are listed under /docs.';

const BY_STATUS: readonly (readonly [number, FailureKind])[] = [
  [404, 'missing'],
  [409, 'conflict'],
  [401, 'denied'],
  [403, 'denied'],
  [429, 'transient'],
  [503, 'transient'],
];

/** The refusal of another role, to be answered as it is. */
export function failureOf(problem: Problem): Failure {
  const kind = BY_STATUS.find(([status]) => status === problem.status)?.[1] ?? (problem.status < 500 ? 'invalid' : 'fault');
  return new Failure(kind, problem.code, problem.detail, {
    status: problem.status,
    ...(problem.errors && { errors: problem.errors }),
    ...(problem.retry_after_seconds !== undefined && { retryAfterSeconds: problem.retry_after_seconds }),
  });
}

function fromFastify(error: unknown, { routeOptions }: FastifyRequest): Failure {
  if (error instanceof Failure) return error;
  // Postgres goes away in the middle of a read: nothing is wrong with the question.
  if (isOutage(error))
    return new Failure('transient', 'database-unavailable', 'The database does not answer at the moment; ask again shortly.', {
      cause: error,
      retryAfterSeconds: 1,
    });
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413)
    return new Failure('invalid', 'body-too-large', `The body is larger than the ${routeOptions.bodyLimit} bytes that this route takes; send less.`, {
      status,
    });
  if (status === 415) return new Failure('invalid', 'media-type', 'The content type is not understood here; send application/json.', { status });
  if (status >= 400 && status < 500)
    return new Failure('invalid', 'bad-request', error instanceof Error ? error.message : 'The request is not valid.', { status });
  return toFailure(error);
}
