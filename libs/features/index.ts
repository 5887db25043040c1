import { appFeature } from '@agent-platform/app/index';
import { budgetFeature } from '@agent-platform/budget/index';
import { budgetAccountFeature } from '@agent-platform/budget-account/index';
import { codeExecutionFeature } from '@agent-platform/code-execution/index';
import { createDocumentExecutor, documentFeature } from '@agent-platform/document/index';
import { eventFeature } from '@agent-platform/event/index';
import { humanTaskFeature } from '@agent-platform/human-task/index';
import { createJobFeature } from '@agent-platform/job/index';
import type { AnyFeature, Executor } from '@agent-platform/kernel/index';
import { createKnowledgeBaseExecutor, knowledgeBaseFeature } from '@agent-platform/knowledge-base/index';
import { createMcpServerExecutor, lookUpMcpServer, lookUpMcpToken, mcpServerFeature } from '@agent-platform/mcp-server/index';
import { memoryFeature } from '@agent-platform/memory/index';
import { memoryReadFeature } from '@agent-platform/memory-read/index';
import { modelCallFeature } from '@agent-platform/model-call/index';
import { mcpNode } from '@agent-platform/nodes/mcp.node';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import { toolNode } from '@agent-platform/nodes/tool.node';
import type { Ports } from '@agent-platform/ports/index';
import { retrievalFeature } from '@agent-platform/retrieval/index';
import { createRunExecutor, runFeature, type ToolLookup } from '@agent-platform/run/index';
import { lookUpSecret, secretFeature } from '@agent-platform/secret/index';
import { skillFeature } from '@agent-platform/skill/index';
import { skillInstallationFeature } from '@agent-platform/skill-installation/index';
import { createSkillRunExecutor, createStepRunner, skillRunFeature } from '@agent-platform/skill-run/index';
import { createToolCallExecutor, createToolCallFeature } from '@agent-platform/tool-call/index';
import { createToolImportExecutor, toolImportFeature } from '@agent-platform/tool-import/index';
import { lookUpTool, toolFeature } from '@agent-platform/tool/index';
import { createWorkflowFeature } from '@agent-platform/workflow/index';

/** The one list of slices. */
export function createFeatures({ nodes }: { readonly nodes: NodeRegistry }): readonly AnyFeature[] {
  const features: readonly AnyFeature[] = [
    appFeature,
    createWorkflowFeature({ nodes }),
    runFeature,
    humanTaskFeature,
    toolFeature,
    eventFeature,
    secretFeature,
    memoryFeature,
    mcpServerFeature,
    memoryReadFeature,
    codeExecutionFeature,
    knowledgeBaseFeature,
    documentFeature,
    retrievalFeature,
    skillFeature,
    skillInstallationFeature,
    skillRunFeature,
    createToolCallFeature({ tools: lookUpCallable }),
    modelCallFeature,
    budgetFeature,
    budgetAccountFeature,
    toolImportFeature,
  ];
  return [...features, createJobFeature(features)];
}

/** Finds what nodes call, whichever feature it is of. */
const lookUpCallable: ToolLookup = (workspaceId, ref, lookup) =>
  ref.kind === 'mcp_server' ? lookUpMcpServer(workspaceId, ref.id, lookup) : lookUpTool(workspaceId, ref, lookup);

/** Values of secrets, and the tokens of MCP servers under names that no template can say. */
const lookUpCredential: typeof lookUpSecret = async (workspaceId, name, lookup) => {
  const token = await lookUpMcpToken(workspaceId, name, lookup);
  return token === undefined ? lookUpSecret(workspaceId, name, lookup) : token;
};

/** What advances streams, by the word that `FEATURES=` picks it with. */
// oxlint-disable-next-line no-explicit-any -- executors of several features in one list: each only meets values of its own
export function createExecutors({ nodes, ports }: { readonly nodes: NodeRegistry; readonly ports: Ports }): readonly Executor<any, any, any, any>[] {
  const skillSteps = createStepRunner({ nodes, ports, tools: lookUpCallable, secrets: lookUpSecret });
  return [
    createRunExecutor({ registry: nodes, ports, tools: lookUpCallable, secrets: lookUpCredential }),
    createSkillRunExecutor(skillSteps),
    createDocumentExecutor(ports),
    createKnowledgeBaseExecutor(ports.documents),
    createMcpServerExecutor(ports.mcp, lookUpSecret),
    createToolImportExecutor({ node: toolNode, ports, secrets: lookUpSecret }),
    createToolCallExecutor({ node: toolNode, mcp: mcpNode, ports, tools: lookUpCallable, secrets: lookUpCredential }),
  ];
}
