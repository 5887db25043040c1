import { createCodePort } from '@agent-platform/adapter-code/index';
import { createDatabasePort } from '@agent-platform/adapter-database/index';
import { createDocuments } from '@agent-platform/adapter-documents/index';
import { createEmbedding } from '@agent-platform/adapter-embedding-http/index';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { localEmbedding } from '@agent-platform/adapter-embedding-local/index';
import { createGuardedConnect, createGuardedFetch, createHttpPort } from '@agent-platform/adapter-http/index';
import { createMailPort, MAIL_PORTS } from '@agent-platform/adapter-mail/index';
import { createMcpPort } from '@agent-platform/adapter-mcp/index';
import { createKnowledge } from '@agent-platform/adapter-knowledge/index';
import { createOpenAiModel } from '@agent-platform/adapter-openai/index';
import { type CodeRunnerConfig, startCodeRunner } from '@agent-platform/app-code-runner/index';
import { startCommandsRole } from '@agent-platform/app-commands/commands';
import { chooseAreas } from '@agent-platform/app-executor/areas';
import { startExecutorRole } from '@agent-platform/app-executor/executor';
import { startGatewayRole } from '@agent-platform/app-gateway/gateway.role';
import { createBudgets, type ModelGatewayConfig, startModelGateway } from '@agent-platform/app-model-gateway/index';
import { startProjectorRole } from '@agent-platform/app-projector/projector';
import { startRelayRole } from '@agent-platform/app-relay/relay';
import { startSchedulerRole } from '@agent-platform/app-scheduler/scheduler';
import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { openBase, type Role } from '@agent-platform/service/base';
import type { Config } from '@agent-platform/service/config';
import { loadNodeModules } from '@agent-platform/service/node-modules';

/** All roles in one process, on one connection pool and one NATS connection. */
export interface Roles {
  /** The gateway. */
  readonly url: string;
  /** Finishes what is in hand, the doors first. Call it once. */
  close(): Promise<void>;
}

/** Starts every role in this process. The model gateway and the code runner listen on the ports that their settings name. */
export async function startRoles(settings: Config, model: ModelGatewayConfig, code: CodeRunnerConfig): Promise<Roles> {
  const [modelGateway, codeRunner] = await Promise.all([
    // The base is there before the first call is.
    startModelGateway(model, { budgets: createBudgets(async () => base) }),
    startCodeRunner(code),
  ]);
  const config: Config = { ...settings, AGENT_PLATFORM_MODEL_GATEWAY_URL: modelGateway.url, AGENT_PLATFORM_CODE_RUNNER_URL: codeRunner.url };
  const nodes = createRegistry(await loadNodeModules(config.AGENT_PLATFORM_NODES));
  const embedding = createEmbedding(config, { hash: createHashEmbedding(), local: localEmbedding });
  const chat = createOpenAiModel({ baseUrl: modelGateway.baseUrl, defaultModel: modelGateway.defaultModel });
  const ports = {
    embedding,
    // The pool is there before the first search is.
    knowledge: createKnowledge({ pool: () => base.pool, embedding, model: chat }),
    documents: createDocuments(() => base.pool),
    code: createCodePort(codeRunner.url),
    mcp: createMcpPort({ fetch: createGuardedFetch({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }), stdioAllow: config.AGENT_PLATFORM_MCP_STDIO_ALLOW }),
    http: createHttpPort({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }),
    database: createDatabasePort(config.AGENT_PLATFORM_TOOL_DATABASES),
    mail: createMailPort(config, createGuardedConnect({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW, ports: MAIL_PORTS })),
    model: chat,
  };
  const features = createFeatures({ nodes });
  const areas = chooseAreas(config, features, { nodes, ports });
  const base = await openBase(config, 'platform', features);
  const roles: Role[] = [
    await startRelayRole(base),
    await startProjectorRole(base),
    await startSchedulerRole(base),
    await startExecutorRole(base, areas, embedding.status),
    await startCommandsRole(base),
  ];
  const gateway = await startGatewayRole(base, { nodes });
  return {
    url: gateway.url,
    async close() {
      for (const role of [gateway, ...roles.toReversed()]) await role.close();
      // What calls took is written to the log.
      await modelGateway.close();
      await base.close();
      await codeRunner.close();
    },
  };
}
