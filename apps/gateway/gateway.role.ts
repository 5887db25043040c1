import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { localEmbedding } from '@agent-platform/adapter-embedding-local/index';
import { createEmbedding } from '@agent-platform/adapter-embedding-http/index';
import { createCodePort } from '@agent-platform/adapter-code/index';
import { createFileStore } from '@agent-platform/adapter-documents/index';
import { createKnowledge } from '@agent-platform/adapter-knowledge/index';
import { PREFIXES } from '@agent-platform/contracts/gateway/gateway.contract';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import { openVectorCache } from '@agent-platform/runtime/vector-cache';
import type { Base, Role } from '@agent-platform/service/base';
import { withHealth } from '@agent-platform/service/health';
import type { FastifyInstance } from 'fastify';
import { createAskCommands } from './ask-commands.ts';
import { installBodyParsers } from './body-parsers.ts';
import { mountCodeRoutes } from './code-routes.ts';
import { mountDocs } from './docs-routes.ts';
import { createWatch } from './follow.ts';
import { closeServer, createHttpServer } from './gateway.module.ts';
import type { Gateway } from './gateway.ts';
import { mountDocumentRoutes, mountDocumentWrites } from './document-routes.ts';
import { mountKnowledgeRoutes } from './knowledge-routes.ts';
import { createLateModel } from './late-model.ts';
import { mountLogRoutes } from './log-routes.ts';
import { mountMcp } from './mcp/mcp-routes.ts';
import { mountMcpCalls } from './mcp/server-calls.ts';
import { CancelBySession } from './mcp/sessions.ts';
import { mountSignIn } from './mcp/sign-in.ts';
import { mountMemoryRoutes } from './memory-routes.ts';
import { createMemorySearch } from './memory-search.ts';
import { mountModelProxy } from './model-proxy.ts';
import { mountHealth, mountOperationRoutes } from './operation-routes.ts';
import { limitPressure, PRESSURE, type PressureLimits } from './pressure.ts';
import { installNotFound, installProblems } from './problem-reply.ts';
import { mountReadRoutes } from './read-routes.ts';
import { mountReindexRoute } from './reindex-route.ts';
import { mountReplayRoutes } from './replay-routes.ts';
import { logRequests } from './request-log.ts';
import { mountRunRoutes } from './run-routes.ts';
import { mountRunSocket } from './run-socket.ts';
import { mountSkillRoutes, mountSkillWrites } from './skill-routes.ts';
import { mountToolRoutes } from './tool-routes.ts';
import { createWaitFor } from './wait-for.ts';
import { mountWorkflowRoutes } from './workflow-routes.ts';
import { mountUsageRoutes } from './usage-routes.ts';
import { mountWriteRoutes } from './write-routes.ts';

export interface GatewayParts {
  /** Node types that `/nodes` lists and validation knows. */
  readonly nodes: NodeRegistry;
  readonly pressure?: PressureLimits;
}

/** The one public door over HTTP. It decides nothing and keeps nothing: it can be killed, and there may be many. */
export async function startGatewayRole(base: Base, { nodes, pressure = PRESSURE }: GatewayParts): Promise<Role & { readonly url: string }> {
  const { config, features, states, log, logger, nats, pool } = base;
  const closing = new AbortController();
  const embedding = createEmbedding(config, { hash: createHashEmbedding(), local: localEmbedding });
  const vectors = await openVectorCache(pool);
  const gateway: Gateway = {
    log,
    pool,
    nats,
    features,
    states,
    nodes,
    logger,
    publicUrl: config.AGENT_PLATFORM_PUBLIC_URL,
    modelGatewayUrl: config.AGENT_PLATFORM_MODEL_GATEWAY_URL,
    searchMemories: createMemorySearch({ pool, embedding, vectors }),
    codeRunnerUrl: config.AGENT_PLATFORM_CODE_RUNNER_URL,
    // Who waits at the other end is told at once.
    code: createCodePort(config.AGENT_PLATFORM_CODE_RUNNER_URL, { patienceMs: 0 }),
    knowledge: createKnowledge({ pool: () => pool, embedding, model: createLateModel(config) }),
    files: createFileStore(() => pool),
    watch: createWatch(nats),
    closing: closing.signal,
    command: createAskCommands(nats, base.roleKey),
    waitFor: createWaitFor(log, pool),
  };
  const app = await createHttpServer(logger, (http) => {
    logRequests(http, logger);
    limitPressure(http, pressure);
    mount(http, gateway);
  });
  await app.listen(config.AGENT_PLATFORM_HTTP_PORT, config.AGENT_PLATFORM_HTTP_HOST);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  logger.info({ url }, 'the gateway listens');
  const role = withHealth(nats, {
    name: 'gateway',
    areas: features.categories,
    message: () => `Embeddings: ${embedding.status()}.`,
    async close() {
      closing.abort();
      await closeServer(app);
    },
  });
  return { ...role, url };
}

function mount(http: FastifyInstance, gateway: Gateway): void {
  const sessions = new CancelBySession();
  // Scopes of their own: what they set (parsers, the door for errors) is theirs, whatever Nest sets at the root.
  void http.register(async (root) => {
    installProblems(root);
    mountHealth(root, gateway);
    mountDocs(root);
  });
  void http.register(async (root) => {
    installProblems(root);
    installBodyParsers(root);
    mountMcp(root, gateway, sessions);
  });
  for (const prefix of PREFIXES) {
    void http.register(
      async (scope) => {
        installProblems(scope);
        installNotFound(scope);
        installBodyParsers(scope);
        mountHealth(scope, gateway);
        mountOperationRoutes(scope, gateway);
        mountWorkflowRoutes(scope, gateway);
        mountRunRoutes(scope, gateway);
        mountRunSocket(scope, gateway);
        mountToolRoutes(scope, gateway);
        mountMemoryRoutes(scope, gateway);
        mountKnowledgeRoutes(scope, gateway);
        mountDocumentRoutes(scope, gateway);
        mountSkillRoutes(scope, gateway);
        mountReindexRoute(scope, gateway);
        mountLogRoutes(scope, gateway);
        mountReplayRoutes(scope, gateway);
        mountMcp(scope, gateway, sessions);
        mountMcpCalls(scope, gateway);
        mountSignIn(scope, gateway);
        mountCodeRoutes(scope, gateway);
        mountUsageRoutes(scope, gateway);
        mountModelProxy(scope, prefix, gateway.modelGatewayUrl, gateway.closing);
        for (const feature of gateway.features.all) {
          if (feature.contract.category === 'document') mountDocumentWrites(scope, feature.contract, gateway);
          else if (feature.contract.category === 'skill') mountSkillWrites(scope, feature.contract, gateway);
          else mountWriteRoutes(scope, feature.contract, gateway);
          mountReadRoutes(scope, feature, gateway);
        }
      },
      { prefix },
    );
  }
}
