import { randomUUID } from 'node:crypto';
import { headers, type NatsConnection } from 'nats';
import { z } from 'zod';
import { Away, patiently } from './patience.ts';

const Refusal = z.object({ code: z.string(), detail: z.string(), retryable: z.boolean() });
const Reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), id: z.string(), log: z.object({ event_id: z.string().nullable() }) }),
  z.object({ ok: z.literal(false), problem: Refusal }),
]);
export type Accepted = Extract<z.output<typeof Reply>, { ok: true }>;

/** The platform refused a command. */
export class Refused extends Error {
  readonly code: string;

  constructor(type: string, problem: z.output<typeof Refusal>) {
    super(`${type} was refused (${problem.code}): ${problem.detail}`);
    this.name = 'Refused';
    this.code = problem.code;
  }
}

const ANSWER_MS = 2_000;

/**
 * Publishes a command as any NATS client does, and reads the answer. It is sent again with the same id when no answer
 * comes: the platform carries it out once. Throws `Refused`.
 */
export async function publishCommand(nats: NatsConnection, workspace: string, type: string, data: object): Promise<Accepted> {
  const head = headers();
  head.set('Nats-Msg-Id', randomUUID());
  head.set('actor', 'demo');
  return patiently(async () => {
    const message = await nats.request(`cmd.${workspace}.${type}`, JSON.stringify(data), { headers: head, timeout: ANSWER_MS }).catch((error: unknown) => {
      throw new Away(`${type} is not answered`, error);
    });
    const reply = Reply.parse(message.json());
    if (reply.ok) return reply;
    if (reply.problem.retryable) throw new Away(type, reply.problem.detail);
    throw new Refused(type, reply.problem);
  });
}
