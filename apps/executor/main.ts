import { createCodePort } from '@agent-platform/adapter-code/index';
import { createDatabasePort } from '@agent-platform/adapter-database/index';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { createEmbedding } from '@agent-platform/adapter-embedding-http/index';
import { localEmbedding } from '@agent-platform/adapter-embedding-local/index';
import { createFeatures } from '@agent-platform/features/index';
import { createGuardedConnect, createGuardedFetch, createHttpPort } from '@agent-platform/adapter-http/index';
import { createKnowledge } from '@agent-platform/adapter-knowledge/index';
import { createMailPort, MAIL_PORTS } from '@agent-platform/adapter-mail/index';
import { Failure } from '@agent-platform/kernel/index';
import { createRegistry } from '@agent-platform/nodes/index';
import type { ModelPort, Ports, RerankPort } from '@agent-platform/ports/index';
import { type Base, openBase } from '@agent-platform/service/base';
import { type Config, readConfig } from '@agent-platform/service/config';
import { loadNodeModules } from '@agent-platform/service/node-modules';
import { runRole, startOrExit } from '@agent-platform/service/run-role';
import { chooseAreas } from './areas.ts';
import { startExecutorRole } from './executor.ts';

await startOrExit(async () => {
  const config = readConfig();
  const nodes = createRegistry(await loadNodeModules(config.AGENT_PLATFORM_NODES));
  const features = createFeatures({ nodes });
  const ports = portsOf(config, () => base);
  const areas = chooseAreas(config, features, { nodes, ports });
  let base: Base | undefined;
  await runRole(
    (settings) => openBase(settings, 'executor', features),
    (opened) => startExecutorRole((base = opened), areas, ports.embeds),
  );
});

/** `base` is there before the first effect is. */
function portsOf(config: Config, base: () => Base | undefined): Ports & { readonly embeds: () => string } {
  /** Loaded with the first call: what this process imports at its start, runs of a dead executor wait for. */
  const model = once(async () => {
    const { createOpenAiModel } = await import('@agent-platform/adapter-openai/index');
    // Without a model of its own: the gateway knows the default.
    return createOpenAiModel({
      baseUrl: `${config.AGENT_PLATFORM_MODEL_GATEWAY_URL}/models`,
      ...(config.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN && { apiKey: config.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN }),
    });
  });
  const lateModel: ModelPort & RerankPort = {
    chat: async (request, call) => (await model()).chat(request, call),
    rerank: async (request, call) => (await model()).rerank(request, call),
  };
  // What is large of the embeddings is loaded with the first call.
  const embedding = createEmbedding(config, { hash: createHashEmbedding(), local: localEmbedding });
  const pool = () => {
    const opened = base()?.pool;
    if (!opened) throw new Failure('transient', 'executor-starting', 'The executor is not connected yet.');
    return opened;
  };
  const mcp = once(async () => {
    const { createMcpPort } = await import('@agent-platform/adapter-mcp/index');
    return createMcpPort({ fetch: createGuardedFetch({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }), stdioAllow: config.AGENT_PLATFORM_MCP_STDIO_ALLOW });
  });
  const documents = once(async () => {
    const { createDocuments } = await import('@agent-platform/adapter-documents/index');
    return createDocuments(pool);
  });
  return {
    embedding,
    embeds: embedding.status,
    knowledge: createKnowledge({ pool, embedding, model: lateModel }),
    documents: {
      keep: async (...asked) => (await documents()).keep(...asked),
      hold: async (...asked) => (await documents()).hold(...asked),
      load: async (...asked) => (await documents()).load(...asked),
      release: async (...asked) => (await documents()).release(...asked),
      list: async (...asked) => (await documents()).list(...asked),
      extract: async (...asked) => (await documents()).extract(...asked),
    },
    code: createCodePort(config.AGENT_PLATFORM_CODE_RUNNER_URL),
    mcp: {
      discover: async (...asked) => (await mcp()).discover(...asked),
      call: async (...asked) => (await mcp()).call(...asked),
      oauth: {
        prepare: async (...asked) => (await mcp()).oauth.prepare(...asked),
        exchange: async (...asked) => (await mcp()).oauth.exchange(...asked),
        renew: async (...asked) => (await mcp()).oauth.renew(...asked),
        revoke: async (...asked) => (await mcp()).oauth.revoke(...asked),
        pause: async (...asked) => (await mcp()).oauth.pause(...asked),
      },
    },
    http: createHttpPort({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }),
    database: createDatabasePort(config.AGENT_PLATFORM_TOOL_DATABASES),
    mail: createMailPort(config, createGuardedConnect({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW, ports: MAIL_PORTS })),
    model: lateModel,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
