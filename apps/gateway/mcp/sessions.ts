import { randomUUIDv7 } from 'node:crypto';
import type { ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** A call of a client, and how it is told that the client gave the call up. */
export interface CancelScope {
  readonly signal: AbortSignal;
  done(): void;
}
export type CancelOf = (context: ServerContext) => CancelScope;

const Cancelled = z.object({ method: z.literal('notifications/cancelled'), params: z.object({ requestId: z.union([z.string(), z.number()]) }) });
const Initialize = z.object({ method: z.literal('initialize') });
const nothing = (): void => undefined;

/** Since 2026-07-28 the end of a request's connection is what cancels it. */
export const cancelByConnection: CancelOf = ({ mcpReq }) => ({ signal: mcpReq.signal, done: nothing });

/**
 * Older clients cancel with a message of its own, on another connection, and may lose a connection without meaning it. The
 * session id tells whose request it is; it is given out and not kept, and only the calls under way here are remembered.
 * A cancel that reaches another gateway process is not heard: the run goes on, and its caller has its id.
 */
export class CancelBySession {
  readonly #calls = new Map<string, AbortController>();

  /** The session that a request opens, to be told to the client; null when it opens none. */
  open(body: unknown): string | null {
    return Initialize.safeParse(body).success ? randomUUIDv7() : null;
  }

  /** Hears a cancel. */
  hear(session: string | undefined, body: unknown): void {
    const parsed = session === undefined ? null : Cancelled.safeParse(body);
    if (parsed?.success) this.#calls.get(`${session} ${parsed.data.params.requestId}`)?.abort(new Error('the client cancelled the call'));
  }

  of(session: string | undefined): CancelOf {
    return ({ mcpReq }) => {
      const controller = new AbortController();
      const key = `${session} ${mcpReq.id}`;
      if (session !== undefined) this.#calls.set(key, controller);
      return {
        signal: controller.signal,
        done: () => {
          if (this.#calls.get(key) === controller) this.#calls.delete(key);
        },
      };
    };
  }
}
