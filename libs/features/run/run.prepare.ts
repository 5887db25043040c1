import type { StreamRef } from '@agent-platform/contracts/kit/index';
import type { PinnedWorkflow } from '@agent-platform/contracts/run/run.contract';
import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { isRejection, reject, type Lookup, type Rejection } from '@agent-platform/kernel/index';
import { compile } from '@agent-platform/graph/index';
import type { PreparedCreate, RunCommand } from './run.decider.ts';

/** What a run needs to know of a workflow's folded state. The workflow feature's state has at least this. */
interface WorkflowVersions {
  readonly status: string;
  readonly published: { readonly version_id: string } | null;
  readonly versions: Readonly<Record<string, { readonly number: number; readonly stream_version: number }>>;
}

interface Pinned {
  readonly pinned: PinnedWorkflow;
  readonly nodes: ReadonlyMap<string, string>;
  readonly entry: PreparedCreate['entry'];
}

/** Resolves the workflow version of run.create and finds its first nodes. Versions never change, so what was found is kept. */
export function createRunPrepare(): (command: RunCommand, lookup: Lookup) => Promise<RunCommand | Rejection> {
  const known = new Map<string, Pinned>();
  return async (command, lookup) => {
    if (command.type !== 'run.create') return command;
    const { data, meta } = command;
    const wanted = await versionOf(data, meta.workspace_id, lookup);
    if (isRejection(wanted)) return wanted;
    const key = `${meta.workspace_id}/${wanted.version_id}`;
    const found = known.get(key) ?? (await pin(wanted, meta.workspace_id, lookup));
    if (isRejection(found)) return found;
    remember(known, key, found);
    const entry = first(data, found);
    return isRejection(entry) ? entry : { ...command, data: { ...data, pinned: found.pinned, entry } };
  };
}

interface Wanted {
  readonly version_id: string;
  readonly workflow_id: string | null;
}

async function versionOf(data: PreparedCreate, workspace_id: string, lookup: Lookup): Promise<Wanted | Rejection> {
  if (data.workflow_version_id !== undefined) return { version_id: data.workflow_version_id, workflow_id: data.workflow_id ?? null };
  if (data.workflow_id === undefined) {
    return reject('invalid', 'workflow-missing', 'Name the workflow to run.', [
      {
        field: '/workflow_id',
        rule: 'workflow_id or workflow_version_id is required',
        remedy: 'give the id of a published workflow, or of one of its versions',
      },
    ]);
  }
  const workflow = await workflowState(data.workflow_id, workspace_id, lookup);
  if (!workflow) return unknownWorkflow(data.workflow_id);
  if (!workflow.published) {
    return reject('conflict', 'workflow-not-published', `Workflow "${data.workflow_id}" has no published version: publish it, or name a workflow_version_id.`);
  }
  return { version_id: workflow.published.version_id, workflow_id: data.workflow_id };
}

async function pin(wanted: Wanted, workspace_id: string, lookup: Lookup): Promise<Pinned | Rejection> {
  const workflow_id = await lookup.holder(workspace_id, 'workflow_version', wanted.version_id);
  const workflow = workflow_id === null ? null : await workflowState(workflow_id, workspace_id, lookup);
  const version = workflow?.versions[wanted.version_id];
  if (workflow_id === null || !version || (wanted.workflow_id !== null && wanted.workflow_id !== workflow_id)) {
    return reject(
      'missing',
      'workflow-version-not-found',
      `There is no workflow version "${wanted.version_id}"${wanted.workflow_id === null ? '' : ` of workflow "${wanted.workflow_id}"`} in this workspace.`,
    );
  }
  const event = await lookup.event(workflowStream(workflow_id, workspace_id), version.stream_version);
  const definition = WorkflowDefinition.parse(event?.data['definition']);
  const graph = compile(definition);
  const types = new Map(definition.nodes.map(({ id, type }) => [id, type]));
  return {
    pinned: { workflow_id, workflow_version_id: wanted.version_id, number: version.number, definition_version: version.stream_version },
    nodes: types,
    entry: graph.entry.map((id) => ({ node_id: id, node_type: types.get(id) ?? 'unknown' })),
  };
}

function first(data: PreparedCreate, { entry, nodes, pinned }: Pinned): PreparedCreate['entry'] | Rejection {
  const { initial_node } = data;
  if (!initial_node) {
    if (entry.length > 0) return entry;
    return reject('invalid', 'workflow-empty', `Version ${pinned.number} of workflow "${pinned.workflow_id}" has no nodes: there is nothing to run.`);
  }
  const type = nodes.get(initial_node.node_id);
  if (type !== undefined && type !== initial_node.node_type) {
    return reject('invalid', 'initial-node-type', `Node "${initial_node.node_id}" is of type "${type}".`, [
      { field: '/initial_node/node_type', rule: `must be "${type}", as the workflow says` },
    ]);
  }
  return [initial_node];
}

const workflowStream = (stream_id: string, workspace_id: string): StreamRef => ({ workspace_id, category: 'workflow', stream_id });

const workflowState = async (id: string, workspace_id: string, lookup: Lookup): Promise<WorkflowVersions | null> => {
  const state = (await lookup.state(workflowStream(id, workspace_id))) as WorkflowVersions | null;
  return state && state.status !== 'deleted' ? state : null;
};

const unknownWorkflow = (id: string): Rejection => reject('missing', 'workflow-not-found', `There is no workflow "${id}" in this workspace.`);

function remember<V>(map: Map<string, V>, key: string, value: V, limit = 500): void {
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
}
