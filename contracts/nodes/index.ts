import { AnswerConfig } from './answer.config.ts';
import { AssignerConfig } from './assigner.config.ts';
import { CodeConfig } from './code.config.ts';
import { DelayConfig } from './delay.config.ts';
import { HumanConfig } from './human.config.ts';
import { IfElseConfig } from './if-else.config.ts';
import { KnowledgeRetrievalConfig } from './knowledge-retrieval.config.ts';
import { LlmConfig } from './llm.config.ts';
import { SkillConfig } from './skill.config.ts';
import { McpConfig } from './mcp.config.ts';
import { StartConfig } from './start.config.ts';
import { TemplateTransformConfig } from './template-transform.config.ts';
import { ToolConfig } from './tool.config.ts';
import { WaitConfig } from './wait.config.ts';

/** Schema of `config` by canonical node type. libs/nodes must provide exactly these: anything else doesn't compile. */
export const nodeConfigs = {
  start: StartConfig,
  answer: AnswerConfig,
  assigner: AssignerConfig,
  'if-else': IfElseConfig,
  'template-transform': TemplateTransformConfig,
  'knowledge-retrieval': KnowledgeRetrievalConfig,
  llm: LlmConfig,
  tool: ToolConfig,
  mcp: McpConfig,
  human: HumanConfig,
  wait: WaitConfig,
  delay: DelayConfig,
  skill: SkillConfig,
  code: CodeConfig,
} as const;

export type NodeConfigs = typeof nodeConfigs;
export type NodeType = keyof NodeConfigs;
