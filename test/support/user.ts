import { randomUUID } from 'node:crypto';
import { connect, headers, type NatsConnection } from 'nats';
import type { CommandReply } from '@agent-platform/contracts/kit/reply';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { type Api, createApi } from './api.ts';

/** Somebody outside the platform: the stock NATS client and HTTP, in a workspace of their own. */
export interface User {
  readonly nats: NatsConnection;
  readonly api: Api;
  readonly workspace: string;
  /** Sends a command on NATS; the answer may be a refusal. */
  command(type: string, data: object): Promise<CommandReply>;
  /** Sends a command that must be accepted; answers with the id of what it is about. */
  accepted(type: string, data: object): Promise<string>;
  /** Creates and publishes a workflow of these nodes and edges (pairs of ids, or whole edges). */
  publish(nodes: readonly object[], edges?: readonly (readonly [string, string] | object)[]): Promise<string>;
  /** The first event of a stream with this type, come or to come; `where` looks into its data. */
  event(streamId: string, type: string, where?: (data: EventEnvelope['data']) => boolean): Promise<EventEnvelope>;
  /** All events of a stream that have come so far. */
  seen(streamId: string): readonly EventEnvelope[];
  /** A run and its node runs as they are read after an event. */
  // oxlint-disable-next-line no-explicit-any -- tests look into answers whose shape is what they check
  read(runId: string, after: EventEnvelope): Promise<{ run: any; nodes: Readonly<Record<string, any>> }>;
  close(): Promise<void>;
}

/** Connects, and listens to `evt.>` of the workspace from now on. */
export async function createUser({ url, natsUrl }: { readonly url: string; readonly natsUrl: string }): Promise<User> {
  const workspace = `w-${randomUUID().slice(0, 8)}`;
  const nats = await connect({ servers: natsUrl });
  const api = createApi(url, workspace);
  const events: EventEnvelope[] = [];
  const waiting = new Set<() => void>();
  nats.subscribe(`evt.${workspace}.>`, {
    callback: (error, message) => {
      if (error) throw error;
      events.push(message.json());
      for (const look of waiting) look();
    },
  });
  await nats.flush();

  const command: User['command'] = async (type, data) => {
    const head = headers();
    head.set('Nats-Msg-Id', randomUUID());
    const message = await nats.request(`cmd.${workspace}.${type}`, JSON.stringify(data), { headers: head, timeout: 10_000 });
    return message.json();
  };
  const accepted: User['accepted'] = async (type, data) => {
    const reply = await command(type, data);
    if (!reply.ok) throw new Error(`${type}: ${JSON.stringify(reply.problem)}`);
    return reply.id;
  };
  const event: User['event'] = (streamId, type, where = () => true) =>
    new Promise((resolve) => {
      const look = () => {
        const found = events.find((one) => one.stream_id === streamId && one.type === type && where(one.data));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  return {
    nats,
    api,
    workspace,
    command,
    accepted,
    async publish(nodes, edges = []) {
      const workflow_id = `flow-${randomUUID().slice(0, 8)}`;
      const whole = edges.map((edge) => (Array.isArray(edge) ? { source: edge[0] as string, target: edge[1] as string } : edge));
      await accepted('workflow.create', { workflow_id, name: workflow_id, nodes, edges: whole });
      return accepted('workflow.publish', { workflow_id });
    },
    event,
    seen: (streamId) => events.filter((one) => one.stream_id === streamId),
    async read(runId, { id }) {
      const run = await api.get(`/runtime/runs/${runId}?read_after=${id}`);
      const nodes = await api.get(`/runtime/runs/${runId}/node-runs?limit=500&read_after=${id}`);
      if (run.status !== 200 || nodes.status !== 200) throw new Error(`${runId}: ${JSON.stringify(run.body)}`);
      return { run: run.body, nodes: Object.fromEntries(nodes.body.items.map((one: { node_id: string }) => [one.node_id, one])) };
    },
    close: () => nats.close(),
  };
}
