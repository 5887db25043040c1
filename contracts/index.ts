import { appContract } from './app/app.contract.ts';
import { budgetContract } from './budget/budget.contract.ts';
import { budgetAccountContract } from './budget-account/budget-account.contract.ts';
import { codeExecutionContract } from './code-execution/code-execution.contract.ts';
import { documentContract } from './document/document.contract.ts';
import { eventContract } from './event/event.contract.ts';
import { humanTaskContract } from './human-task/human-task.contract.ts';
import { jobContract } from './job/job.contract.ts';
import type { Contract } from './kit/index.ts';
import { knowledgeBaseContract } from './knowledge-base/knowledge-base.contract.ts';
import { memoryContract } from './memory/memory.contract.ts';
import { memoryReadContract } from './memory-read/memory-read.contract.ts';
import { modelCallContract } from './model-call/model-call.contract.ts';
import { retrievalContract } from './retrieval/retrieval.contract.ts';
import { mcpServerContract } from './mcp-server/mcp-server.contract.ts';
import { runContract } from './run/run.contract.ts';
import { secretContract } from './secret/secret.contract.ts';
import { skillContract } from './skill/skill.contract.ts';
import { skillInstallationContract } from './skill-installation/skill-installation.contract.ts';
import { skillRunContract } from './skill-run/skill-run.contract.ts';
import { toolCallContract } from './tool-call/tool-call.contract.ts';
import { toolImportContract } from './tool-import/tool-import.contract.ts';
import { toolContract } from './tool/tool.contract.ts';
import { workflowContract } from './workflow/workflow.contract.ts';

/** Everything the platform promises, aggregate by aggregate. */
export const contracts: readonly Contract[] = [
  appContract,
  workflowContract,
  runContract,
  humanTaskContract,
  toolContract,
  jobContract,
  eventContract,
  secretContract,
  mcpServerContract,
  memoryContract,
  memoryReadContract,
  codeExecutionContract,
  knowledgeBaseContract,
  documentContract,
  retrievalContract,
  skillContract,
  skillInstallationContract,
  skillRunContract,
  toolCallContract,
  modelCallContract,
  budgetContract,
  budgetAccountContract,
  toolImportContract,
];
