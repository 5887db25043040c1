import { StartConfig } from '@agent-platform/contracts/nodes/start.config';
import type { NodeScope, PureNode } from './node.ts';

const mark = (_: StartConfig, scope: NodeScope) =>
  ({
    status: 'completed',
    output_json: { executor: 'default', node_id: scope.current.node_id, attempt: scope.current.attempt ?? 1 },
    output_text: null,
  }) as const;

/** Does nothing: marks where a run begins, ends or splits up. */
export const startNode: PureNode<StartConfig> = {
  types: ['start', 'end', 'parallel'],
  kind: 'pure',
  summary: 'Marks a place: where the run begins, ends, or goes on in several branches.',
  config: StartConfig,
  evaluate: mark,
};

/** Stands in for types that nobody knows, in lenient mode. */
export const fallbackNode: PureNode<StartConfig> = {
  ...startNode,
  types: ['*'],
  summary: 'Completes with basic metadata, whatever its config.',
};
