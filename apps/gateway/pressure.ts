import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '@agent-platform/kernel/index';
import { preferredWait } from './run-end.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `long` requests wait for something (a run, a model) and have a limit of their own; `free` ones are always answered. */
    lane?: 'long' | 'free';
  }
}

/** Route options of answers that take their time. */
export const LONG = { config: { lane: 'long' } } as const;
/** Route options of what an operator must see, however busy the gateway is. */
export const FREE = { config: { lane: 'free' } } as const;

export interface PressureLimits {
  /** Requests worked on at a time. */
  readonly requests: number;
  /** Requests waiting for a run's end, an event or a model at a time. */
  readonly waiting: number;
}

export const PRESSURE: PressureLimits = { requests: 1_000, waiting: 5_000 };

/** Bounds what is under way: beyond it a request is refused with 503 and Retry-After at once, before its body is read. */
export function limitPressure(app: FastifyInstance, limits: PressureLimits): void {
  const under = { requests: 0, waiting: 0 };
  app.addHook('onRequest', async (request, reply) => {
    const lane = laneOf(request);
    if (lane === null) return;
    if (under[lane] >= limits[lane]) {
      throw new Failure('transient', 'gateway-busy', `More than ${limits[lane]} requests are under way; try again shortly.`, { retryAfterSeconds: 1 });
    }
    under[lane]++;
    reply.raw.once('close', () => under[lane]--);
  });
}

function laneOf(request: FastifyRequest): keyof PressureLimits | null {
  const lane = request.routeOptions.config.lane;
  if (lane === 'free') return null;
  return lane === 'long' || preferredWait(request) !== undefined ? 'waiting' : 'requests';
}
