import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Sandbox } from '@agent-platform/adapter-sandbox/index';
import { ExecuteCode } from '@agent-platform/contracts/code-execution/code-execution.contract';
import { Failure, toFailure, toProblem } from '@agent-platform/kernel/index';
import { schemaFields, shapeFailure } from '@agent-platform/kernel/schema-fields';
import type { Admission } from './admission.ts';

/** Bytes of a request: code and payload. */
const BODY_BYTES = 2_000_000;

/** The routes of the runner. Fastify without Nest, as in the model gateway: three routes gain nothing from modules. */
export function buildCodeRunner(sandbox: Sandbox, admission: Admission, logger: FastifyBaseLogger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    forceCloseConnections: 'idle',
  });
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    if (failure.status >= 500 && failure.kind === 'fault') request.log.error({ err: error }, 'a run failed on our side');
    if (failure.retryAfterSeconds !== undefined) void reply.header('retry-after', String(failure.retryAfterSeconds));
    return reply
      .code(failure.status)
      .type('application/problem+json')
      .send(toProblem(failure, { instance: request.url }));
  });
  app.post('/code/execute', async (request, reply) => {
    const body = ExecuteCode.safeParse(request.body);
    if (!body.success) throw shapeFailure('invalid-body', 'The body is not right', schemaFields(body.error));
    const { language, code, input_json, timeout_seconds } = body.data;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { signal } = gone;
    const outcome = await admission.admit(() => sandbox.run({ language, code, input_json, timeout_ms: timeout_seconds * 1000 }, { signal }), signal);
    // Never code, payload or output.
    request.log.info({ language, status: outcome.status, error: outcome.error?.code, tier: outcome.tier, ms: outcome.duration_ms }, 'code ran');
    return outcome;
  });
  app.get('/health', () => ({ status: 'ok' }));
  app.get('/ready', (_request, reply) => {
    const languages = sandbox.languages();
    const each = Object.values(languages);
    const ready = each.every((language) => !('probing' in language)) && each.some((language) => 'tier' in language);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', languages, running: admission.running(), waiting: admission.waiting() });
  });
  return app;
}

/** Fastify's own refusals (body too large, no JSON) have a status. */
function failureOf(error: unknown): Failure {
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return error instanceof Error && status < 500 ? new Failure('invalid', 'bad-body', error.message, { cause: error, status }) : toFailure(error);
}
