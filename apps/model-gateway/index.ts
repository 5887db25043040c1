export { createBudgets } from './budget.open.ts';
export { startModelGateway } from './start.ts';
export type { ModelGatewayParts } from './start.ts';
export { readModelGatewayConfig } from './model-gateway.config.ts';
export type { ModelGatewayConfig } from './model-gateway.config.ts';
