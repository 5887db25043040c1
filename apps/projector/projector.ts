import { consumeLog } from '@agent-platform/messaging/log-consumer';
import { startProjector } from '@agent-platform/runtime/projector';
import { projectionsOf } from '@agent-platform/runtime/read-models';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';

/** Events to read models. */
export async function startProjectorRole(base: Base): Promise<Role> {
  const { features, log, logger, nats, pool } = base;
  const projector = startProjector({
    pool,
    log,
    projections: projectionsOf(features.all),
    consume: (startAfterPosition) =>
      consumeLog(nats, { name: 'projector', startAfterPosition, batch: 2000, onRestart: (reason) => logger.info({ reason }, 'reading the event stream anew') }),
    logger,
  });
  return withHealth(nats, { name: 'projector', areas: features.categories, close: () => projector.stop() });
}
