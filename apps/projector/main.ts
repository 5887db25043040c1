import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { openBase } from '@agent-platform/service/base';
import { loadNodeModules } from '@agent-platform/service/node-modules';
import { runRole } from '@agent-platform/service/run-role';
import { startProjectorRole } from './projector.ts';

await runRole(
  async (config) => openBase(config, 'projector', createFeatures({ nodes: createRegistry(await loadNodeModules(config.AGENT_PLATFORM_NODES)) })),
  startProjectorRole,
);
