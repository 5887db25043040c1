import { createLogger } from '@agent-platform/service/log';
import { onShutdown, startOrExit } from '@agent-platform/service/run-role';
import { createBudgets } from './budget.open.ts';
import { createBudgetBase } from './budget.base.ts';
import { readModelGatewayConfig } from './model-gateway.config.ts';
import { startModelGateway } from './start.ts';

await startOrExit(async () => {
  const config = readModelGatewayConfig(process.env);
  const logger = createLogger('model-gateway', config.logLevel);
  // Changes of the log are told over NATS.
  const base = config.databaseUrl === undefined || config.natsUrl === undefined ? null : createBudgetBase();
  if (!base) logger.warn('budgets are not kept: AGENT_PLATFORM_DATABASE_URL or AGENT_PLATFORM_NATS_URL is missing');
  const gateway = await startModelGateway(config, { logger, ...(base && { budgets: createBudgets(base.open) }) });
  // Not waited for: this role serves, and refuses what a budget might be for, while the database is away.
  base?.open().catch((error: unknown) => logger.warn({ err: error }, 'budgets wait for the database'));
  onShutdown(async () => {
    await gateway.close();
    await base?.close();
  });
});
