/** All roles as one process, as the platform starts it; the settings come from the environment. */
import { readCodeRunnerConfig } from '@agent-platform/app-code-runner/index';
import { readModelGatewayConfig } from '@agent-platform/app-model-gateway/index';
import { readConfig } from '@agent-platform/service/config';
import { onShutdown, startOrExit } from '@agent-platform/service/run-role';
import { startRoles } from './roles.ts';

await startOrExit(async () => {
  const roles = await startRoles(readConfig(), readModelGatewayConfig(process.env), readCodeRunnerConfig(process.env));
  onShutdown(() => roles.close());
});
