import { hostname } from 'node:os';
import { z } from 'zod';
import { healthSubject } from '@agent-platform/contracts/kit/subjects';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { jsonOf } from '@agent-platform/messaging/message-json';
import { isNoResponders } from '@agent-platform/messaging/no-responders';
import type { Role } from './base.ts';

const Answer = z.object({
  role: z.string(),
  host: z.string(),
  pid: z.int(),
  uptime_seconds: z.number(),
  areas: z.array(z.string()).optional(),
  others: z.array(z.string()).optional(),
  message: z.string().optional(),
});

/** One process that answered, and how long it took. */
export type HealthAnswer = z.output<typeof Answer> & { readonly latency_ms: number };

/** Longest wait for the first answer, and for one more after it. */
const FIRST_MS = 500;
const FURTHER_MS = 60;

/** Has a role answer health requests on NATS until it is closed. An answer shows that its event loop turns and that it is connected. */
export function withHealth(nats: NatsConnection, role: Role): Role {
  const { name, areas, others, message: note } = role;
  const subscription = nats.subscribe(healthSubject(name), {
    callback: (error, message) => {
      if (error) return;
      const self = { host: hostname(), pid: process.pid, uptime_seconds: Math.round(process.uptime()) };
      message.respond(JSON.stringify({ role: name, ...self, areas, others, message: note?.() }));
    },
  });
  return {
    ...role,
    async close() {
      if (!nats.isClosed()) subscription.unsubscribe();
      await role.close();
    },
  };
}

/** Asks all processes of a role; empty when none answers. */
export async function askHealth(nats: NatsConnection, role: string): Promise<HealthAnswer[]> {
  const started = performance.now();
  const answers: HealthAnswer[] = [];
  try {
    for await (const message of await nats.requestMany(healthSubject(role), '', { strategy: 'stall', maxWait: FIRST_MS, stall: FURTHER_MS })) {
      const parsed = Answer.safeParse(jsonOf(message));
      if (parsed.success) answers.push({ ...parsed.data, latency_ms: Math.round((performance.now() - started) * 10) / 10 });
    }
  } catch (error) {
    if (!isNoResponders(error)) throw error;
  }
  return answers;
}
