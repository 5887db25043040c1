import type { FastifyInstance, FastifyRequest } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { jsonSchema } from '@agent-platform/graph/document';
import { readOne } from '@agent-platform/runtime/read';
import { validateRequest } from '@agent-platform/workflow/index';
import { TextBody } from './body-parsers.ts';
import { jsonObject } from './command-body.ts';
import { documentOf } from './document-body.ts';
import { isForm } from './form-body.ts';
import type { Gateway } from './gateway.ts';
import { nodeTypes } from './node-types.ts';
import { bodyAs, fastifyPath, parametersOf } from './parameters.ts';
import { notFound } from './read-routes.ts';
import { contextOf } from './request-context.ts';

/** Routes about documents and node types: they compute, and store nothing. */
export function mountWorkflowRoutes(app: FastifyInstance, gateway: Gateway): void {
  const {
    'workflow.validate': validate,
    'workflow.plan': plan,
    'workflow.draft_plan': draftPlan,
    'workflow.schema': schema,
    'node.list': nodes,
  } = gatewayRoutes;
  for (const route of [validate, plan]) {
    app.post(fastifyPath(route.path), async (request) => {
      const body = await documentBody(request);
      contextOf(request, body);
      return validateRequest(bodyAs(route.body, body), gateway.nodes);
    });
  }
  app.get(fastifyPath(draftPlan.path), (request) => planOf(request, gateway));
  app.get(fastifyPath(schema.path), async () => jsonSchema());
  const items = nodeTypes(gateway.nodes);
  app.get(fastifyPath(nodes.path), async () => ({ items }));
}

const documentBody = async (request: FastifyRequest): Promise<Record<string, unknown>> =>
  request.body instanceof TextBody ? documentOf(request, request.body) : isForm(request) ? documentOf(request, null) : jsonObject(request.body);

/** The draft of a workflow as it would be validated and run. */
async function planOf(request: FastifyRequest, gateway: Gateway): Promise<object> {
  const { workspace_id } = contextOf(request);
  const params = parametersOf(gatewayRoutes['workflow.draft_plan'].params, request);
  const query = gateway.features.of('workflow').queries['workflow.get'];
  if (query?.kind !== 'get') throw new Error('workflow.get is not a read of one record');
  if (params.read_after !== undefined) await gateway.waitFor(query.projection, params.read_after);
  const row = await readOne(gateway.pool, query, workspace_id, params);
  if (!row) throw notFound(request, workspace_id);
  const { nodes, edges } = row as { readonly nodes: JsonObject[]; readonly edges: JsonObject[] };
  return { workflow_id: params.workflow_id, ...validateRequest({ nodes, edges, strict: true }, gateway.nodes) };
}
