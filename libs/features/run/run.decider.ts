import type { Command, CommandOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { PinnedWorkflow, runContract } from '@agent-platform/contracts/run/run.contract';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import type { NodeOutcome } from '@agent-platform/nodes/node';
import { isApproved } from '@agent-platform/nodes/tool.approval';
import { RunDraft } from './run.draft.ts';
import type { Program } from './run.program.ts';
import { evolveAllOfRun, evolveRun, initialRun, endedWith, openWork, type NodeStatus, type RunEvent, type RunState } from './run.state.ts';

type PublicCommand = CommandOf<typeof runContract>;
type CreateData = Extract<PublicCommand, { type: 'run.create' }>['data'];

/** What `prepare` found for run.create: the pinned version and its first nodes. */
export interface PreparedCreate extends CreateData {
  readonly pinned: PinnedWorkflow;
  readonly entry: readonly { readonly node_id: string; readonly node_type: string }[];
}

/** What came of one attempt of a node. */
export interface RecordedOutcome {
  readonly node_id: string;
  readonly attempt: number;
  readonly outcome: NodeOutcome;
}

/** Commands that only the executor issues; `program` is bound to them before the decision. */
export type ExecutorCommand =
  | Command<'run.advance', { readonly program: Program }>
  | Command<'run.recover', { readonly program: Program }>
  | Command<'run.record', { readonly program: Program; readonly outcomes: readonly RecordedOutcome[] }>
  | Command<'run.resume', { readonly program: Program; readonly node_id: string; readonly attempt: number; readonly signal: JsonObject }>
  | Command<'run.timer', { readonly program: Program; readonly node_id: string; readonly attempt: number }>;

export type RunCommand = Exclude<PublicCommand, { type: 'run.create' }> | Command<'run.create', PreparedCreate> | ExecutorCommand;

const ENDED: ReadonlySet<RunState['status']> = new Set<RunState['status']>(['completed', 'failed', 'cancelled']);
export const hasEnded = (state: RunState): boolean => ENDED.has(state.status);

function decide(command: RunCommand, state: RunState): Decision<RunEvent> {
  if (command.type === 'run.create') return create(command, state);
  if (state.status === 'none' && command.type === 'run.withdraw') return cancel(command, state);
  if (state.status === 'none') return reject('missing', 'run-not-found', `There is no run "${command.meta.stream_id}" in this workspace.`);
  switch (command.type) {
    case 'run.start':
      return start(state);
    case 'run.cancel':
    case 'run.withdraw':
      return cancel(command, state);
    case 'run.signal':
      if (hasEnded(state)) return reject('conflict', 'run-ended', `The run is ${state.status} already and takes no signal.`);
      if (state.signalIds.includes(command.meta.command_id)) return [];
      return [{ type: 'run.signalled', data: { name: command.data.name, payload_json: command.data.payload_json, signal_id: command.meta.command_id } }];
    case 'run.resolve_node':
      return resolveNode(command, state);
    default:
      return hasEnded(state) ? [] : execute(command, state);
  }
}

function create(command: Extract<RunCommand, { type: 'run.create' }>, state: RunState): Decision<RunEvent> {
  if (state.status !== 'none') return reject('conflict', 'run-exists', `There is a run "${command.meta.stream_id}" already.`);
  const { data } = command;
  const created: RunEvent = {
    type: 'run.created',
    data: {
      workflow: data.pinned,
      app_id: data.app_id ?? null,
      app_version_id: data.app_version_id ?? null,
      session_id: data.session_id ?? null,
      input: { ...data.context, ...data.input },
      entry: [...data.entry],
      initial_node: data.initial_node ?? null,
      held: !data.start,
    },
  };
  return data.start ? [created, ...queue(data.entry)] : [created];
}

function cancel({ data, meta }: Extract<RunCommand, { type: 'run.cancel' | 'run.withdraw' }>, state: RunState): Decision<RunEvent> {
  if (state.status === 'cancelled') return [];
  if (hasEnded(state)) return reject('conflict', 'run-ended', `The run is ${state.status} already and can't be cancelled.`);
  return [{ type: 'run.cancelled', data: { reason: data.reason ?? null, ...endedWith(state.nodes, meta.workspace_id) } }];
}

const queue = (entry: PreparedCreate['entry']): RunEvent[] => entry.map((node) => ({ type: 'node.queued', data: { ...node } }));

function start(state: RunState): Decision<RunEvent> {
  if (state.status !== 'created')
    return reject('conflict', 'run-started', `The run is ${state.status}; only a run that was created with "start": false can be started, once.`);
  return [{ type: 'run.started', data: {} }, ...queue(state.created?.entry ?? [])];
}

function resolveNode(command: Extract<RunCommand, { type: 'run.resolve_node' }>, state: RunState): Decision<RunEvent> {
  if (hasEnded(state)) return reject('conflict', 'run-ended', `The run is ${state.status} already: what became of its nodes changes nothing any more.`);
  const { node_id, resolution, output_json, output_text, reason } = command.data;
  const node = state.nodes[node_id];
  if (node?.status !== 'unknown') {
    return reject(
      'conflict',
      'node-outcome-known',
      `Node "${node_id}" is ${node?.status ?? 'not part of the run so far'}; only a node whose outcome is unknown can be resolved.`,
    );
  }
  const base = { node_id, node_type: node.type, attempt: node.attempt };
  const { workspace_id } = command.meta;
  const resolved: RunEvent = { type: 'node.resolved', data: { ...base, resolution, reason: reason ?? null, ...openWork([node], workspace_id) } };
  if (resolution === 'completed')
    return [resolved, { type: 'node.completed', data: { ...base, output_json: output_json ?? null, output_text: output_text ?? null } }];
  if (resolution === 'failed') {
    const { [node_id]: _, ...others } = state.nodes;
    const error = { code: 'resolved-as-failed', message: reason ?? 'A person said that the effect did not happen.', node_id };
    return [resolved, { type: 'node.failed', data: { ...base, error } }, { type: 'run.failed', data: { error, ...endedWith(others, workspace_id) } }];
  }
  // Under the same key: if the call arrived after all, the receiver can say so instead of doing it again.
  return [resolved, { type: 'node.queued', data: { node_id, node_type: node.type, attempt: node.attempt + 1 } }];
}

function execute(command: ExecutorCommand, state: RunState): Decision<RunEvent> {
  if (state.status !== 'running') return [];
  const draft = new RunDraft(state, command.data.program, command.meta);
  switch (command.type) {
    case 'run.advance': {
      const taken = draft.deliverSignals();
      // Somebody may have completed a node from outside (resolve_node): edges of finished nodes are looked at again.
      return draft.settle([...nodesThatAre(state, 'completed'), ...taken], nodesThatAre(state, 'queued'));
    }
    case 'run.recover': {
      return draft.settle(nodesThatAre(state, 'running').filter((id) => draft.recover(id)));
    }
    case 'run.record': {
      const finished = command.data.outcomes.filter(({ node_id, attempt, outcome }) => {
        const node = draft.state.nodes[node_id];
        // A late answer, to an attempt that has been settled otherwise or to a run that has ended, changes nothing.
        const open = draft.state.status === 'running' && node?.status === 'running' && node.attempt === attempt;
        return open && draft.conclude(node_id, attempt, outcome);
      });
      return draft.settle(finished.map(({ node_id }) => node_id));
    }
    case 'run.resume': {
      const { node_id, attempt, signal } = command.data;
      const node = state.nodes[node_id];
      if (node?.attempt !== attempt) return [];
      // The answer has come before: what it allowed is being done.
      if (node.status === 'running' && isApproved(node.request)) return [];
      // A quick answer: the effect that asked for it has not been recorded yet. It must come again.
      if (node.status === 'running')
        return reject('conflict', 'node-not-waiting-yet', `Node "${node_id}" does not wait yet; what it waits for has come already.`);
      return draft.settle(draft.resume(node_id, signal) ? [node_id] : []);
    }
    case 'run.timer': {
      const { node_id, attempt } = command.data;
      const node = state.nodes[node_id];
      if (node?.attempt !== attempt) return [];
      if (node.status === 'retrying') return draft.settle(draft.begin(node_id, attempt) ? [node_id] : []);
      if (node.status === 'waiting' && node.wait?.due_at !== undefined) return draft.settle(draft.resume(node_id, { timed_out: true }) ? [node_id] : []);
      return [];
    }
  }
}

const nodesThatAre = (state: RunState, status: NodeStatus): string[] => Object.keys(state.nodes).filter((id) => state.nodes[id]?.status === status);

/** The rules of a run. Executor commands carry the program, so the decider itself needs nothing but its arguments. */
export const runDecider: Decider<RunState, RunCommand, RunEvent> = { initial: initialRun, decide, evolve: evolveRun, evolveAll: evolveAllOfRun };
