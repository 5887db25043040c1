import { createFeatures } from '@agent-platform/features/index';
import { createHttpPort } from '@agent-platform/adapter-http/index';
import { createOpenAiModel } from '@agent-platform/adapter-openai/index';
import { createRegistry } from '@agent-platform/nodes/index';
import { openBase } from '@agent-platform/service/base';
import { readConfig } from '@agent-platform/service/config';
import { loadNodeModules } from '@agent-platform/service/node-modules';
import { runRole } from '@agent-platform/service/run-role';
import { startExecutorRole } from './executor.ts';

const config = readConfig();
const nodes = createRegistry(await loadNodeModules(config.AGENT_PLATFORM_NODES));
const ports = {
  http: createHttpPort({ allow: config.AGENT_PLATFORM_EGRESS_ALLOW }),
  // Without a model of its own: the gateway knows the default.
  model: createOpenAiModel({
    baseUrl: `${config.AGENT_PLATFORM_MODEL_GATEWAY_URL}/models`,
    ...(config.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN && { apiKey: config.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN }),
  }),
};

await runRole(
  (settings) => openBase(settings, 'executor', createFeatures({ nodes })),
  (base) => startExecutorRole(base, { nodes, ports }),
);
