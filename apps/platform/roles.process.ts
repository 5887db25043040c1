/** All roles as one process, as the platform starts it; the settings come from the environment. */
import { readModelGatewayConfig } from '@agent-platform/app-model-gateway/index';
import { Failure } from '@agent-platform/kernel/index';
import { readConfig } from '@agent-platform/service/config';
import { onShutdown } from '@agent-platform/service/run-role';
import { startRoles } from './roles.ts';

try {
  const roles = await startRoles(readConfig(), readModelGatewayConfig(process.env));
  onShutdown(() => roles.close());
} catch (error) {
  process.stderr.write(`${error instanceof Failure ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exit(1);
}
