import { onShutdown, startOrExit } from '@agent-platform/service/run-role';
import { readModelGatewayConfig } from './model-gateway.config.ts';
import { startModelGateway } from './start.ts';

await startOrExit(async () => {
  const gateway = await startModelGateway(readModelGatewayConfig(process.env));
  onShutdown(() => gateway.close());
});
