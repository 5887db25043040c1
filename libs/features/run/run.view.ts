import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { RunState } from './run.state.ts';

/**
 * A run as commands answer it and as replay shows it: the fields of the read model that the events carry
 * (times come with the envelope, so the read model has them and the fold has not).
 */
export function runView(state: RunState, id: string): JsonObject | null {
  const { created, status, result, error } = state;
  if (!created) return null;
  return {
    id,
    status,
    workflow_id: created.workflow.workflow_id,
    workflow_version_id: created.workflow.workflow_version_id,
    app_id: created.app_id,
    app_version_id: created.app_version_id,
    session_id: created.session_id,
    input: created.input,
    output_text: result?.output_text ?? null,
    output_json: result?.output_json ?? null,
    error: error ? { code: error.code, message: error.message, node_id: error.node_id ?? null } : null,
    nodes: Object.fromEntries(Object.entries(state.nodes).map(([node, { type, status: at, attempt }]) => [node, { node_type: type, status: at, attempt }])),
  };
}
