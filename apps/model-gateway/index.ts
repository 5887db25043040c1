export { startModelGateway } from './start.ts';
export type { ModelGateway, ModelGatewayParts } from './start.ts';
export { readModelGatewayConfig } from './model-gateway.config.ts';
export type { ModelGatewayConfig, ModelGatewaySettings } from './model-gateway.config.ts';
