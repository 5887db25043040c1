import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import { oneModel } from './model.list.ts';
import { parseCacheSeconds, parseChat, parseEmbeddings, parseRerank } from './chat.request.ts';
import type { ModelGatewaySettings } from './model-gateway.config.ts';
import { OpenAiError, toOpenAiError } from './openai.error.ts';
import { labelOf } from './call.label.ts';
import type { AskedCall, CallRecorder } from './usage.call.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The routes. One log line per model call; prompts, replies and keys are never in it. */
export function buildModelGateway(
  settings: ModelGatewaySettings,
  backend: Backend,
  { logger, usage, stopping }: { readonly logger: FastifyBaseLogger; readonly usage: CallRecorder; readonly stopping: AbortSignal },
): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.bodyBytes,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => /^[\w.:-]{1,100}$/.exec(String(headers['x-request-id'] ?? ''))?.[0] ?? randomUUID(),
  });

  // Fastify understands text too; here it would only delay the refusal.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => {
    const known = toOpenAiError(error);
    if (known.status >= 500) request.log.error({ err: known, code: known.code }, 'model call failed');
    if (known.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(known.retryAfterSeconds));
    return reply.code(known.status).send(known.body);
  });
  app.setNotFoundHandler(({ method, url }) => {
    throw new OpenAiError(404, 'unknown_url', `There is no ${method} ${url.split('?')[0]}. Try POST /models/chat/completions.`);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (settings.token === undefined || !request.url.startsWith('/models')) return;
    if (!timingSafeEqual(digest(`Bearer ${settings.token}`), digest(request.headers.authorization ?? ''))) {
      throw new OpenAiError(401, 'invalid_token', 'authorization: must carry the bearer token of this gateway (AGENT_PLATFORM_MODEL_GATEWAY_TOKEN).');
    }
  });

  /** Runs a call until its answer is sent or its caller has gone, whichever comes first. */
  const relay = async (request: FastifyRequest, reply: FastifyReply, what: object, run: (call: BackendCall) => Promise<BackendAnswer>, asked?: AskedCall) => {
    const cacheSeconds = parseCacheSeconds(request.headers['x-cache-seconds']);
    const metered = asked ? usage(asked, request.headers) : null;
    const started = performance.now();
    const gone = new AbortController();
    const stop = () => gone.abort();
    stopping.addEventListener('abort', stop, { once: true });
    let status = 0;
    reply.raw.once('close', () => {
      stopping.removeEventListener('abort', stop);
      const complete = reply.raw.writableFinished;
      if (!complete) gone.abort();
      request.log.info({ ...what, status: status || reply.statusCode, complete, ms: Math.round(performance.now() - started) }, 'model called');
      metered?.ended(complete);
    });
    const key = request.headers['idempotency-key'];
    const label = metered?.label ?? labelOf(request.headers);
    const given = await run({ key: typeof key === 'string' ? key : undefined, signal: gone.signal, label, cacheSeconds }).catch((error: unknown) => {
      metered?.failed(error);
      throw error;
    });
    const answer = metered ? metered.answered(given) : given;
    status = answer.status;
    if (gone.signal.aborted && typeof answer.body !== 'string') answer.body.destroy();
    // Proxies must hand on every token as it comes.
    return reply
      .code(status)
      .headers({ ...answer.headers, 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
      .send(answer.body);
  };

  app.post('/models/chat/completions', (request, reply) => {
    const body = parseChat(request.body);
    const what = { backend: backend.name, model: body.model || backend.defaultModel, stream: body.stream === true };
    return relay(request, reply, what, (call) => backend.chat(body, call), { kind: 'chat', model: what.model, stream: what.stream, body });
  });
  app.post('/models/embeddings', (request, reply) => {
    const body = parseEmbeddings(request.body);
    const asked: AskedCall = { kind: 'embeddings', model: body.model || backend.defaultModel, stream: false, body };
    return relay(request, reply, { backend: backend.name, model: body.model, embeddings: true }, (call) => backend.embeddings(body, call), asked);
  });
  app.post('/models/rerank', (request, reply) => {
    const body = parseRerank(request.body);
    const asked: AskedCall = { kind: 'rerank', model: body.model || backend.defaultModel, stream: false, body };
    return relay(request, reply, { backend: backend.name, model: body.model, rerank: true }, (call) => backend.rerank(body, call), asked);
  });
  // The second name is where an OpenAI client looks whose base URL is this gateway's /models.
  for (const path of ['/models', '/models/models']) {
    app.get(path, (request, reply) => relay(request, reply, { backend: backend.name, list: true }, (call) => backend.models(call)));
    app.get<{ Params: { model: string } }>(`${path}/:model`, (request, reply) =>
      relay(request, reply, { backend: backend.name, model: request.params.model }, async (call) => oneModel(await backend.models(call), request.params.model)),
    );
  }
  app.get('/health', () => ({ status: 'ok' }));
  app.get('/ready', () => ({ status: 'ready', backend: backend.name, default_model: backend.defaultModel }));
  return app;
}
