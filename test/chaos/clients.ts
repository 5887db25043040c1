import { connect, headers, type NatsConnection } from 'nats';
import { z } from 'zod';
import type { Answer, Ledger, Order } from './ledger.ts';

/** Sends orders and notes in the ledger what came back. Never throws: no answer is `unknown`. */
export interface Clients {
  readonly nats: NatsConnection;
  /** One try. */
  send(order: Order): Promise<Answer>;
  close(): Promise<void>;
}

const Log = z.object({ version: z.number(), event_id: z.string().nullable() });
const Problem = z.object({ code: z.string(), status: z.number(), retryable: z.boolean() });
const NatsReply = z.union([z.object({ ok: z.literal(true), id: z.string(), log: Log }), z.object({ ok: z.literal(false), problem: Problem })]);
const HttpReply = z.object({ id: z.string(), log: Log });

/** Short: an order whose answer got lost is asked again soon, which is what is to be tested. */
const TIMEOUT_MS = 2_500;

/** The stock `nats` package and plain HTTP: what users have. */
export async function openClients(natsUrl: string, httpUrl: string | null, ledger: Ledger): Promise<Clients> {
  const nats = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100, name: 'chaos' });
  return {
    nats,
    async send(order) {
      ledger.invoke(order);
      const asked = order.via === 'http' && httpUrl !== null ? overHttp(httpUrl, order) : overNats(nats, order);
      const answer = await asked.catch((error: unknown): Answer => ({ status: 'unknown', why: String(error) }));
      ledger.answered(order, answer);
      return answer;
    },
    close: () => nats.close(),
  };
}

async function overNats(nats: NatsConnection, { id, workspace, type, data }: Order): Promise<Answer> {
  const head = headers();
  head.set('Nats-Msg-Id', id);
  const message = await nats.request(`cmd.${workspace}.${type}`, JSON.stringify(data), { timeout: TIMEOUT_MS, headers: head });
  const reply = NatsReply.parse(message.json());
  if (reply.ok) return { status: 'ok', reply: { id: reply.id, ...reply.log } };
  return refused(reply.problem);
}

/** The few routes that the workload uses; other commands go over NATS. */
const PATHS: Readonly<Record<string, (data: Order['data']) => string>> = {
  'run.create': () => '/runtime/runs',
  'run.signal': ({ run_id }) => `/runtime/runs/${String(run_id)}/signal`,
  'human_task.complete': ({ task_id }) => `/human/tasks/${String(task_id)}/complete`,
};

async function overHttp(url: string, { id, workspace, type, data }: Order): Promise<Answer> {
  const path = PATHS[type]?.(data);
  if (path === undefined) throw new Error(`no route for ${type}`);
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': id, 'x-workspace-id': workspace },
    body: JSON.stringify(data),
    signal: AbortSignal.timeout(2 * TIMEOUT_MS),
  });
  const body: unknown = await response.json();
  if (!response.ok) return refused(Problem.parse(body));
  const reply = HttpReply.parse(body);
  return { status: 'ok', reply: { id: reply.id, version: reply.log.version, event_id: reply.log.event_id } };
}

/** "Try again" and faults say nothing about whether it was done; every other refusal is a promise that it was not. */
const refused = ({ code, status, retryable }: z.output<typeof Problem>): Answer =>
  retryable || status >= 500 ? { status: 'unknown', why: code } : { status: 'fail', code };
