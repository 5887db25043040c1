import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EventEnvelope } from '@agent-platform/contracts/kit/envelope';
import { subjects } from '@agent-platform/contracts/kit/subjects';
import type { NatsConnection } from '@agent-platform/messaging/connect';
import { requestCommand } from '@agent-platform/messaging/request-command';
import { LONGEST_RUN_SECONDS, type Outcome, type RuntimeService, type WorkflowService } from './service.ts';

async function command(nats: NatsConnection, tenant: string, type: string, data: object): Promise<void> {
  const commandId = randomUUID();
  const reply = await requestCommand(nats, tenant, type, data, { commandId, cause: { actor: 'smoke', correlation_id: commandId } });
  if (!reply.ok) throw new Error(`cmd.${tenant}.${type} was refused (${reply.problem.code}: ${reply.problem.detail}).`);
}

/** Workflows by commands on NATS: no gateway is needed. */
export const natsWorkflows = (nats: NatsConnection, tenant: string): WorkflowService => ({
  create: (document) => command(nats, tenant, 'workflow.create', document),
  publish: (workflow_id) => command(nats, tenant, 'workflow.publish', { workflow_id }),
  remove: (workflow_id) => command(nats, tenant, 'workflow.delete', { workflow_id }),
});

const NodeEvent = z.object({ node_id: z.string() });
const Completed = z.object({ output_text: z.string().nullable() });
const ENDS = new Set(['run.completed', 'run.failed', 'run.cancelled']);

/** Runs by a command, followed by their events on NATS. */
export const natsRuntime = (nats: NatsConnection, tenant: string): RuntimeService => ({
  async run(workflow_id, input) {
    const run_id = `smoke-${randomUUID()}`;
    const subscription = nats.subscribe(subjects.event({ workspace_id: tenant, category: 'run', stream_id: run_id }, '>'));
    const limit = setTimeout(() => subscription.unsubscribe(), LONGEST_RUN_SECONDS * 1000);
    const nodes: Record<string, string> = {};
    try {
      // The server knows of the subscription before the first event can come.
      await nats.flush();
      await command(nats, tenant, 'run.create', { run_id, workflow_id, input });
      for await (const message of subscription) {
        const { type, data } = EventEnvelope.parse(message.json());
        if (ENDS.has(type)) return ended(type, data, nodes);
        if (type.startsWith('node.')) nodes[NodeEvent.parse(data).node_id] = type.slice('node.'.length);
      }
      throw new Error(`Run ${run_id} did not end within ${LONGEST_RUN_SECONDS} s. Check that relay and executor run: npm run ap -- doctor.`);
    } finally {
      clearTimeout(limit);
      subscription.unsubscribe();
    }
  },
});

const ended = (type: string, data: unknown, nodes: Outcome['nodes']): Outcome => ({
  status: type.slice('run.'.length),
  output_text: type === 'run.completed' ? Completed.parse(data).output_text : null,
  nodes,
});
