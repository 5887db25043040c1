import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { contentHash } from '@agent-platform/graph/index';
import { isRejection } from '@agent-platform/kernel/index';
import { versionIdOf } from './workflow.decider.ts';
import { asJson, readDocument } from './workflow.document.ts';
import type { WorkflowCommand, WorkflowState } from './workflow.state.ts';

/** The workflow as commands answer it. */
export function workflowView(state: WorkflowState, id: string): JsonObject | null {
  const { status, fields, draft, newest, published } = state;
  if (status === 'none' || status === 'deleted') return null;
  const { type, nodes, edges } = asJson(draft);
  return {
    id,
    ...fields,
    type: type ?? null,
    status,
    nodes: nodes ?? [],
    edges: edges ?? [],
    latest_version_id: newest,
    latest_number: newest === null ? null : (state.versions[newest]?.number ?? null),
    published_version_id: published?.version_id ?? null,
    published_number: published?.number ?? null,
  };
}

/**
 * The version that a command made. The state does not keep definitions of versions, so it is read from the command, or
 * from the draft, which it has become: the command's own had secrets in clear then.
 */
export function workflowAnswer(command: WorkflowCommand, state: WorkflowState): { id: string; entity: JsonObject } | null {
  if (command.type !== 'workflow.create_version') return null;
  const id = versionIdOf(command);
  const version = state.versions[id];
  if (!version) return null;
  const { number, content_hash } = version;
  const entity = { id, workflow_id: command.meta.stream_id, number, content_hash };
  const read = readDocument(command.data, state.draft);
  const document = read ?? { dsl_json: asJson(state.draft), definition: state.draft };
  if (isRejection(document) || contentHash(document.definition) !== content_hash) {
    const draft = asJson(state.draft);
    return contentHash(state.draft) === content_hash ? { id, entity: { ...entity, dsl_json: draft, definition: draft } } : { id, entity };
  }
  return { id, entity: { ...entity, dsl_json: document.dsl_json, definition: asJson(document.definition) } };
}
