import { codeNode } from './code.node.ts';
import type { NodeConfigs, NodeType } from '@agent-platform/contracts/nodes/index';
import type { z } from 'zod';
import { answerNode } from './answer.node.ts';
import { assignerNode } from './assigner.node.ts';
import { delayNode } from './delay.node.ts';
import { humanNode } from './human.node.ts';
import { ifElseNode } from './if-else.node.ts';
import { knowledgeRetrievalNode } from './knowledge-retrieval.node.ts';
import { llmNode } from './llm.node.ts';
import { mcpNode } from './mcp.node.ts';
import type { AnyNode, EffectNode, NodeRegistry, PureNode } from './node.ts';
import { registryOf } from './registry.ts';
import { skillNode } from './skill.node.ts';
import { fallbackNode, startNode } from './start.node.ts';
import { templateTransformNode } from './template-transform.node.ts';
import { toolNode } from './tool.node.ts';
import { waitNode } from './wait.node.ts';

export * from './node.ts';

type Config<T extends NodeType> = z.output<NodeConfigs[T]>;

// What an effect node requests is its own business, as in AnyNode.
// oxlint-disable-next-line no-explicit-any -- see above
type Promised<T extends NodeType> = PureNode<Config<T>> | EffectNode<Config<T>, any>;

/** Exactly the promised types: a missing one doesn't compile. */
const builtin = {
  start: startNode,
  answer: answerNode,
  assigner: assignerNode,
  'if-else': ifElseNode,
  'template-transform': templateTransformNode,
  'knowledge-retrieval': knowledgeRetrievalNode,
  llm: llmNode,
  tool: toolNode,
  mcp: mcpNode,
  human: humanNode,
  wait: waitNode,
  delay: delayNode,
  skill: skillNode,
  code: codeNode,
} satisfies { readonly [T in NodeType]: Promised<T> };

export interface RegistryOptions {
  /** Complete nodes of unknown types with basic metadata (the fallback) instead of failing them. Default true. */
  readonly lenient?: boolean;
}

/** The built-in types and some more, e.g. from a plugin module: `createRegistry([myNode])`. Duplicates throw. */
export const createRegistry = (extra: readonly AnyNode[] = [], { lenient = true }: RegistryOptions = {}): NodeRegistry =>
  registryOf([...Object.values(builtin), ...extra], lenient ? fallbackNode : undefined);

/** The built-in node types, without a fallback: unknown types fail. */
export const builtinNodes: NodeRegistry = createRegistry([], { lenient: false });
