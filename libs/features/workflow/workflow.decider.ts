import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { contentHash, validate } from '@agent-platform/graph/index';
import { changes, isRejection, partId, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';
import { asJson, EMPTY_DEFINITION, readDocument, refuseDocument } from './workflow.document.ts';
import { evolveWorkflow, initialWorkflow, type WorkflowCommand, type WorkflowEvent, type WorkflowState } from './workflow.state.ts';

type Of<T extends WorkflowCommand['type']> = Extract<WorkflowCommand, { type: T }>;
type VersionCreated = Extract<WorkflowEvent, { type: 'workflow.version_created' }>;

/** The rules of a workflow. Documents are read and checked here, purely: what is decided on is what is checked. */
export const createWorkflowDecider = (nodes: NodeRegistry): Decider<WorkflowState, WorkflowCommand, WorkflowEvent> => ({
  initial: initialWorkflow,
  evolve: evolveWorkflow,
  decide(command, state) {
    if (command.type === 'workflow.create') return create(command, state);
    if (command.type === 'workflow.delete' && state.status === 'deleted') return [];
    if (state.status !== 'draft' && state.status !== 'published') return notFound(command.meta.stream_id);
    switch (command.type) {
      case 'workflow.update':
        return update(command, state);
      case 'workflow.delete':
        return [{ type: 'workflow.deleted', data: {} }];
      case 'workflow.create_version':
        return createVersion(command, state);
      case 'workflow.publish':
        return publish(command, state, nodes);
    }
  },
});

const notFound = (id: string): Rejection => reject('missing', 'workflow-not-found', `There is no workflow "${id}" in this workspace.`);

function create({ data, meta }: Of<'workflow.create'>, state: WorkflowState): Decision<WorkflowEvent> {
  if (state.status !== 'none') {
    return reject(
      'conflict',
      'workflow-exists',
      `The id "${meta.stream_id}" belongs to a workflow already, maybe a deleted one: take another workflow_id, or publish a new version of that workflow.`,
    );
  }
  const document = readDocument(data, EMPTY_DEFINITION);
  if (isRejection(document)) return document;
  const { code = null, name, description = null, app_id = null, type } = data;
  return [{ type: 'workflow.created', data: { code, name, description, app_id, type, definition: document?.definition ?? EMPTY_DEFINITION } }];
}

function update({ data }: Of<'workflow.update'>, state: WorkflowState): Decision<WorkflowEvent> {
  const document = readDocument(data, state.draft);
  if (isRejection(document)) return document;
  const { code, name, description, app_id } = data;
  const changed = changes<WorkflowState['fields'] & { definition: WorkflowDefinition }>(
    { ...state.fields, definition: state.draft },
    { code, name, description, app_id, definition: document?.definition },
  );
  return Object.keys(changed).length === 0 ? [] : [{ type: 'workflow.updated', data: changed }];
}

/** Id of the version that a command makes. */
export const versionIdOf = ({ data, meta }: Of<'workflow.create_version'> | Of<'workflow.publish'>): string =>
  data.workflow_version_id ?? partId(meta, 'workflow_version');

function versionCreated(version_id: string, dsl_json: JsonObject, definition: WorkflowDefinition, state: WorkflowState): VersionCreated {
  const number = Object.keys(state.versions).length + 1;
  return { type: 'workflow.version_created', data: { version_id, number, dsl_json, definition, content_hash: contentHash(definition) } };
}

function createVersion(command: Of<'workflow.create_version'>, state: WorkflowState): Decision<WorkflowEvent> {
  const document = readDocument(command.data, state.draft);
  if (isRejection(document)) return document;
  const { dsl_json, definition } = document ?? { dsl_json: asJson(state.draft), definition: state.draft };
  const version_id = versionIdOf(command);
  const there = state.versions[version_id];
  if (!there) return [versionCreated(version_id, dsl_json, definition, state)];
  if (there.content_hash === contentHash(definition)) return [];
  return reject(
    'conflict',
    'workflow-version-exists',
    `Version "${version_id}" exists with another definition, and versions never change: take another workflow_version_id.`,
  );
}

function publish(command: Of<'workflow.publish'>, state: WorkflowState, nodes: NodeRegistry): Decision<WorkflowEvent> {
  const { workflow_version_id, definition } = command.data;
  if (workflow_version_id !== undefined) return publishVersion(workflow_version_id, definition, state, nodes);
  const newest = state.newest === null ? undefined : state.versions[state.newest];
  if (state.newest !== null && newest?.content_hash === contentHash(state.draft)) return publishVersion(state.newest, state.draft, state, nodes);
  const refusal = refuse(state.draft, nodes);
  if (refusal) return refusal;
  const version = versionCreated(versionIdOf(command), asJson(state.draft), state.draft, state);
  const { version_id, number } = version.data;
  return [version, { type: 'workflow.published', data: { version_id, number, definition_version: state.stream_version + 1 } }];
}

function publishVersion(version_id: string, definition: WorkflowDefinition | undefined, state: WorkflowState, nodes: NodeRegistry): Decision<WorkflowEvent> {
  const version = state.versions[version_id];
  if (!version || !definition) return reject('missing', 'workflow-version-not-found', `The workflow has no version "${version_id}".`);
  if (state.published?.version_id === version_id) return [];
  const data = { version_id, number: version.number, definition_version: version.stream_version };
  return refuse(definition, nodes) ?? [{ type: 'workflow.published', data }];
}

/** Why a definition can't be published; null when it can. Unknown node types pass where a default executor takes them. */
function refuse(definition: WorkflowDefinition, nodes: NodeRegistry): Rejection | null {
  const { errors } = validate(definition, nodes, { strict: nodes.fallback === undefined, allowEmpty: false });
  return errors.length === 0 ? null : refuseDocument(errors);
}
