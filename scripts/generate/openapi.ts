import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { contracts } from '@agent-platform/contracts/index';
import { gatewayRoutes, PREFIXES } from '@agent-platform/contracts/gateway/gateway.contract';
import type { GatewayRoute } from '@agent-platform/contracts/gateway/route';
import { mergeRecursive } from './component-names.ts';
import { contractOperation, gatewayOperation, pathParameters } from './operations.ts';

const DESCRIPTION = `Every write appends events to the log and answers the entity as it now is, with its place in the log.
Every read comes from a read model, which may be behind: give the \`event_id\` of a write as \`read_after\` to wait for it.
The same commands can be sent over NATS: see asyncapi.json.`;

type Item = { -readonly [method in 'get' | 'post' | 'put' | 'patch' | 'delete']?: ZodOpenApiOperationObject } & { servers?: { url: string }[] };

/** The OpenAPI 3.1 document of the gateway: every route of the contracts and every other one. */
export function createOpenApi(): object {
  const paths: Record<string, Item> = {};
  const taken = new Set<string>();
  const add = (method: string, path: string, operation: ZodOpenApiOperationObject) => {
    const item = (paths[path] ??= {});
    item[method.toLowerCase() as 'get'] = operation;
  };
  for (const contract of contracts) {
    for (const route of contract.routes) {
      const name = freeName(route.command ?? route.query ?? '', route, taken);
      add(route.method, route.path, contractOperation(contract, route, name));
    }
  }
  for (const [name, route] of Object.entries<GatewayRoute>(gatewayRoutes)) {
    add(route.method, route.path, gatewayOperation(freeName(name, route, taken), route));
    const item = paths[route.path];
    if (route.root && item) item.servers = [{ url: '/' }];
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: { title: 'Agent Platform', version: '0.1.0', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: PREFIXES.map((url) => ({ url })),
    paths,
  });
  return mergeRecursive(document);
}

/** Two routes may carry one command: the first has its name, a later one says how it differs. */
function freeName(name: string, route: { readonly method: string; readonly path: string }, taken: Set<string>): string {
  const names = [name, `${name}.${route.method.toLowerCase()}`, `${name}.by_${pathParameters(route.path).join('_')}`];
  const free = names.find((one) => !taken.has(one));
  if (free === undefined) throw new Error(`${route.method} ${route.path}: a third route for "${name}" needs a rule for its operationId`);
  taken.add(free);
  return free;
}
