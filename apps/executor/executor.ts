import { pokes } from '@agent-platform/contracts/kit/index';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { holdOwnerLock } from '@agent-platform/event-log/owner-lock';
import { createExecutors } from '@agent-platform/features/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import type { Ports } from '@agent-platform/ports/index';
import { createExecution } from '@agent-platform/runtime/execute';
import { Slots } from '@agent-platform/runtime/slots';
import type { Base, Role } from '@agent-platform/service/base';
import { toFailure } from '@agent-platform/kernel/index';

export interface ExecutorParts {
  readonly nodes: NodeRegistry;
  readonly ports: Ports;
}

const RESCUE_EVERY_MS = 1_000;

export async function startExecutorRole(base: Base, { nodes, ports }: ExecutorParts): Promise<Role> {
  const { config, features, log, lookup, clock, commands, logger, nats } = base;
  const lock = await holdOwnerLock(config.AGENT_PLATFORM_DATABASE_URL);
  const executors = createExecutors({ nodes, ports });
  const policies = features.all.flatMap((feature) => feature.policies ?? []);
  const ttlMs = config.AGENT_PLATFORM_LEASE_SECONDS * 1000;
  const execution = createExecution({
    log, features, executors, policies, commands, lookup, clock,
    owner: () => lock.owner,
    actor: `executor:${config.AGENT_PLATFORM_WORKER_KEY}`,
    ttlMs,
    slots: new Slots(config.AGENT_PLATFORM_MAX_EFFECTS),
    maxActive: config.AGENT_PLATFORM_MAX_ACTIVE,
    appended: base.appended,
    live: () => undefined,
    askHolder: async () => false,
    logger,
  });
  const wanted = new Set([...executors, ...policies].flatMap((one) => one.triggers.map(({ category, type }) => `evt.*.${category}.*.${type}`)));
  for (const subject of wanted) {
    nats.subscribe(subject, { callback: (_e, m) => void execution.trigger(JSON.parse(m.string()) as EventEnvelope).catch((error) => logger.error({ error: toFailure(error) }, 'trigger')) });
  }
  const rescue = setInterval(() => void execution.rescue(), RESCUE_EVERY_MS);
  const renew = setInterval(() => void execution.renew(), ttlMs / 3);
  void execution.rescue();
  return { name: 'executor', async close() { clearInterval(rescue); clearInterval(renew); await execution.drain(20000); await lock.close(); } };
}
