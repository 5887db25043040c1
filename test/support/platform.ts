import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import { startCommandsRole } from '@agent-platform/app-commands/commands';
import { chooseAreas } from '@agent-platform/app-executor/areas';
import { startExecutorRole } from '@agent-platform/app-executor/executor';
import { startGatewayRole } from '@agent-platform/app-gateway/gateway.role';
import { readCodeRunnerConfig, startCodeRunner } from '@agent-platform/app-code-runner/index';
import { createBudgets, startModelGateway } from '@agent-platform/app-model-gateway/index';
import { startProjectorRole } from '@agent-platform/app-projector/projector';
import { startRelayRole } from '@agent-platform/app-relay/relay';
import { startSchedulerRole } from '@agent-platform/app-scheduler/scheduler';
import { startInfrastructure } from '@agent-platform/embedded/index';
import { createFeatures } from '@agent-platform/features/index';
import { createRegistry } from '@agent-platform/nodes/index';
import type { AnyNode } from '@agent-platform/nodes/node';
import type { ModelPort } from '@agent-platform/ports/model.port';
import { type Base, openBase, type Role } from '@agent-platform/service/base';
import { type Config, readConfig } from '@agent-platform/service/config';
import { createLogger } from '@agent-platform/service/log';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

export interface TestPlatformOptions {
  /** Environment variables over those of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Answers model calls instead of the offline model. */
  readonly model?: ModelPort;
  /** Calls of models become events, as they do outside of tests. */
  readonly recordUsage?: boolean;
  /** Node types besides the built-in ones. */
  readonly nodes?: readonly AnyNode[];
  /** Exact `host:port` pairs that tools may reach, e.g. a server of the test. */
  readonly egressAllow?: readonly string[];
  /** AGENT_PLATFORM_TOOL_DATABASES, for tools that may ask the platform's own server. */
  readonly toolDatabases?: (databaseUrl: string) => string;
  /** Default native: a real Postgres. `pglite` starts faster and has one connection. */
  readonly postgres?: 'native' | 'pglite';
}

/** All roles in this process on a Postgres and a NATS of their own. */
export interface TestPlatform {
  /** The gateway, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly config: Config;
  /** What the roles work with: log, pool, NATS connection. */
  readonly base: Base;
  /** Stops one role, e.g. to see what the others do without it. */
  stop(role: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything on free ports; call it once per test file, and `close` at the end. */
export async function startTestPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'platform-'));
  const infrastructure = await startInfrastructure({ dataDir, cacheDir: CACHE, postgres: options.postgres ?? 'native' });
  const roleKey = randomUUID();
  const logLevel = process.env['TEST_LOG_LEVEL'] ?? 'silent';
  const modelGateway = await startModelGateway(
    { port: 0, ...(options.recordUsage && { natsUrl: infrastructure.natsUrl, roleKey }) },
    { logger: createLogger('model-gateway', logLevel), budgets: createBudgets(async () => base), ...(options.model && { model: options.model }) },
  );
  const codeRunner = await startCodeRunner({
    // Python takes seconds of CPU to start: tests that run it name it.
    ...readCodeRunnerConfig({ AGENT_PLATFORM_CODE_LANGUAGES: 'javascript', ...options.env, AGENT_PLATFORM_LOG_LEVEL: logLevel }),
    port: 0,
  });
  const config = readConfig({
    AGENT_PLATFORM_DATABASE_URL: infrastructure.databaseUrl,
    AGENT_PLATFORM_NATS_URL: infrastructure.natsUrl,
    AGENT_PLATFORM_MODEL_GATEWAY_URL: modelGateway.url,
    AGENT_PLATFORM_CODE_RUNNER_URL: codeRunner.url,
    AGENT_PLATFORM_HTTP_PORT: '0',
    AGENT_PLATFORM_ROLE_KEY: roleKey,
    AGENT_PLATFORM_LOG_LEVEL: logLevel,
    AGENT_PLATFORM_EGRESS_ALLOW: (options.egressAllow ?? []).join(','),
    AGENT_PLATFORM_WORKER_KEY: `test-${randomUUID().slice(0, 8)}`,
    ...(options.toolDatabases && { AGENT_PLATFORM_TOOL_DATABASES: options.toolDatabases(infrastructure.databaseUrl) }),
    ...options.env,
  });
  const nodes = createRegistry(options.nodes ?? []);
  const embedding = createEmbedding(config, { hash: createHashEmbedding(), local: localEmbedding });
  const model = createOpenAiModel({ baseUrl: modelGateway.baseUrl, defaultModel: modelGateway.defaultModel });
  const ports = {
    embedding,
    // The pool is there before the first search is.
    knowledge: createKnowledge({ pool: () => base.pool, embedding, model }),
    documents: createDocuments(() => base.pool),
    code: createCodePort(codeRunner.url),
    mcp: createMcpPort({ fetch: createGuardedFetch({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }), stdioAllow: config.AGENT_PLATFORM_MCP_STDIO_ALLOW }),
    http: createHttpPort({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }),
    database: createDatabasePort(config.AGENT_PLATFORM_TOOL_DATABASES),
    mail: createMailPort(config, createGuardedConnect({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW, ports: MAIL_PORTS })),
    model,
  };
  const base = await openBase(config, 'test', createFeatures({ nodes }));
  const gateway = await startGatewayRole(base, { nodes });
  const running = new Map<string, Role>();
  for (const role of [
    await startRelayRole(base),
    await startProjectorRole(base),
    await startExecutorRole(base, chooseAreas(config, base.features.all, { nodes, ports })),
    await startSchedulerRole(base),
    await startCommandsRole(base),
    gateway,
  ]) {
    running.set(role.name, role);
  }
  const stop = async (name: string): Promise<void> => {
    const role = running.get(name);
    running.delete(name);
    await role?.close();
  };
  return {
    url: gateway.url,
    databaseUrl: infrastructure.databaseUrl,
    natsUrl: infrastructure.natsUrl,
    config,
    base,
    stop,
    async close() {
      for (const name of [...running.keys()].toReversed()) await stop(name);
      await modelGateway.close();
      await base.close();
      await codeRunner.close();
      await infrastructure.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
