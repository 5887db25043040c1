import { createEventLog, openPool } from '@agent-platform/event-log/index';
import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { projectionsOf } from '@agent-platform/runtime/read-models';
import { rebuild } from '@agent-platform/runtime/rebuild';
import { createLogger } from '@agent-platform/service/log';

// Rebuilds every projection while the platform works, as an operator would; killed on purpose by a crash point.
const features = createFeatures({ nodes: createRegistry([]) });
const pool = await openPool(process.env['AGENT_PLATFORM_DATABASE_URL'] ?? '', { connections: 2, name: 'chaos-rebuild' });
const log = await createEventLog({ pool });
for (const projection of projectionsOf(features)) await rebuild({ pool, log, projection, logger: createLogger('rebuild', 'info') });
await pool.end();
process.exit(0);
