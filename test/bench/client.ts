import { connect } from 'nats';

const WORKSPACE = 'bench';

/** A client as users have it: the stock `nats` package, commands by request, events by subscription. */
export interface Client {
  command(type: string, data: object): Promise<{ id: string; entity: Record<string, unknown> | null; log: { event_id: string | null; version: number } }>;
  /** Resolves with the event's data when a run has completed; rejects when it has failed. */
  completed(runId: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

interface Reply {
  ok: boolean;
  id: string;
  entity: Record<string, unknown> | null;
  log: { event_id: string | null; version: number };
  problem?: { code: string; detail: string; errors?: unknown };
}

export async function openClient(url: string): Promise<Client> {
  const nats = await connect({ servers: url });
  const waiting = new Map<string, { resolve: (data: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  const early = new Map<string, Record<string, unknown>>();

  // Published by the executor once the run's last event is committed.
  nats.subscribe(`live.${WORKSPACE}.run.*.ended`, {
    callback: (error, message) => {
      if (error) throw error;
      const run = message.subject.split('.')[3] ?? '';
      const { type, data } = message.json<{ type: string; data: Record<string, unknown> }>();
      const waiter = waiting.get(run);
      waiting.delete(run);
      if (type !== 'run.completed') waiter?.reject(new Error(`run ${run} ended with ${type}: ${JSON.stringify(data)}`));
      else if (waiter) waiter.resolve(data);
      else early.set(run, data);
    },
  });
  await nats.flush();

  return {
    async command(type, data) {
      const message = await nats.request(`cmd.${WORKSPACE}.${type}`, JSON.stringify(data), { timeout: 20_000 });
      const reply = message.json<Reply>();
      if (!reply.ok) throw new Error(`${type}: ${reply.problem?.code}: ${reply.problem?.detail} ${JSON.stringify(reply.problem?.errors ?? '')}`);
      return reply;
    },
    completed(run) {
      const data = early.get(run);
      if (data) {
        early.delete(run);
        return Promise.resolve(data);
      }
      return new Promise((resolve, reject) => waiting.set(run, { resolve, reject }));
    },
    close: () => nats.drain(),
  };
}
