import { randomUUIDv7 } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { replayControlSubject } from '@agent-platform/contracts/kit/subjects';
import { Failure } from '@agent-platform/kernel/index';
import { isNoResponders } from '@agent-platform/messaging/no-responders';
import { startReplay } from '@agent-platform/runtime/replay';
import { jsonObject } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { bodyAs, fastifyPath, parametersOf } from './parameters.ts';
import { contextOf } from './request-context.ts';

const ANSWER_MS = 1_000;
const LONGEST_REPLAYS = 100;
const Status = z.looseObject({ replay_id: z.string() });

/** Debugging replays: begun here, played by this process, seen and stopped from any. */
export function mountReplayRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { 'replay.create': create, 'replay.get': get, 'replay.stop': stop } = gatewayRoutes;
  let running = 0;

  app.post(fastifyPath(create.path), async (request, reply) => {
    const body = jsonObject(request.body);
    const { workspace_id } = contextOf(request, body);
    const { replay_id = randomUUIDv7(), ...wanted } = bodyAs(create.body, body);
    if (running >= LONGEST_REPLAYS)
      throw new Failure('transient', 'too-many-replays', `${running} replays are being played; stop some, or try again later.`, {
        status: 429,
        retryAfterSeconds: 10,
      });
    if ((await ask(gateway, replay_id, 'status')) !== null) {
      throw new Failure('conflict', 'replay-exists', `A replay "${replay_id}" is being played.`, {
        errors: [{ field: '/replay_id', rule: 'must be new', remedy: 'leave it out' }],
      });
    }
    const replay = await startReplay(replay_id, { workspace_id, ...wanted }, gateway);
    running++;
    gateway.closing.addEventListener('abort', replay.stop, { once: true });
    void replay.done.then(() => {
      running--;
      gateway.closing.removeEventListener('abort', replay.stop);
    });
    return reply.code(202).send(replay.status);
  });
  app.get(fastifyPath(get.path), async (request) => found(gateway, parametersOf(get.params, request).replay_id, 'status'));
  app.delete(fastifyPath(stop.path), async (request) => found(gateway, parametersOf(stop.params, request).replay_id, 'stop'));
}

async function found(gateway: Gateway, replayId: string, what: 'status' | 'stop'): Promise<object> {
  const status = await ask(gateway, replayId, what);
  if (status) return status;
  throw new Failure('missing', 'replay-not-found', `No replay "${replayId}" is being played; it may have ended.`);
}

async function ask({ nats }: Gateway, replayId: string, what: 'status' | 'stop'): Promise<object | null> {
  try {
    return Status.parse((await nats.request(replayControlSubject(replayId), what, { timeout: ANSWER_MS })).json());
  } catch (error) {
    if (isNoResponders(error)) return null;
    throw new Failure('transient', 'replay-silent', `The process that plays "${replayId}" does not answer.`, { cause: error, retryAfterSeconds: 1 });
  }
}
