/** All roles as one process, as the platform starts it; the settings come from the environment. */
import { readModelGatewayConfig } from '@agent-platform/app-model-gateway/index';
import { readConfig } from '@agent-platform/service/config';
import { onShutdown, startOrExit } from '@agent-platform/service/run-role';
import { startRoles } from './roles.ts';

await startOrExit(async () => {
  const roles = await startRoles(readConfig(), readModelGatewayConfig(process.env));
  onShutdown(() => roles.close());
});
