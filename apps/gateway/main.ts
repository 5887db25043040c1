import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { openBase } from '@agent-platform/service/base';
import { readConfig } from '@agent-platform/service/config';
import { loadNodeModules } from '@agent-platform/service/node-modules';
import { runRole, startOrExit } from '@agent-platform/service/run-role';
import { startGatewayRole } from './gateway.role.ts';

await startOrExit(async () => {
  const nodes = createRegistry(await loadNodeModules(readConfig().AGENT_PLATFORM_NODES));
  await runRole(
    (config) => openBase(config, 'gateway', createFeatures({ nodes })),
    (base) => startGatewayRole(base, { nodes }),
  );
});
