import { ensureReadModels, projectionsOf } from '@agent-platform/runtime/read-models';
import { startScheduler } from '@agent-platform/runtime/schedule';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';

/** Fires timers that are due. */
export async function startSchedulerRole(base: Base): Promise<Role> {
  await ensureReadModels(base.pool, projectionsOf(base.features.all));
  const scheduler = startScheduler({ pool: base.pool, commands: base.commands, logger: base.logger });
  return withHealth(base.nats, { name: 'scheduler', close: () => scheduler.stop() });
}
