import { codeRoutes } from './code.routes.ts';
import { documentRoutes } from './document.routes.ts';
import { knowledgeRoutes } from './knowledge.routes.ts';
import { logRoutes } from './log.routes.ts';
import { mcpRoutes } from './mcp.routes.ts';
import { memoryRoutes } from './memory.routes.ts';
import { modelRoutes } from './model.routes.ts';
import { operationRoutes } from './operation.routes.ts';
import { skillRoutes } from './skill.routes.ts';
import { toolRoutes } from './tool.routes.ts';
import { runRoutes } from './run.routes.ts';
import { usageRoutes } from './usage.routes.ts';

/** Both stand before every route that is not at the root, and mean the same. */
export const PREFIXES = ['/api/v1', '/gateway'] as const;

/** Every route of the gateway besides those of the contracts, by its name in the OpenAPI document. */
export const gatewayRoutes = {
  ...runRoutes,
  ...toolRoutes,
  ...logRoutes,
  ...knowledgeRoutes,
  ...documentRoutes,
  ...skillRoutes,
  ...operationRoutes,
  ...modelRoutes,
  ...usageRoutes,
  ...codeRoutes,
  ...memoryRoutes,
  ...mcpRoutes,
} as const;
export type GatewayRouteName = keyof typeof gatewayRoutes;
