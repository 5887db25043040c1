import type { EventOf, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { runContract } from '@agent-platform/contracts/run/run.contract';
import type { NodeWait } from '@agent-platform/nodes/node';

export type RunEvent = EventOf<typeof runContract>;
type Created = Extract<RunEvent, { type: 'run.created' }>['data'];
export type RunErrorData = Extract<RunEvent, { type: 'run.failed' }>['data']['error'];

export type OpenStatus = 'queued' | 'running' | 'waiting' | 'retrying' | 'unknown';
export type NodeStatus = OpenStatus | 'completed' | 'failed' | 'skipped';

/** Where a node stands. What it left behind is in `RunState.outputs`. */
export interface NodeState {
  readonly type: string;
  readonly status: NodeStatus;
  readonly attempt: number;
  readonly route?: string | undefined;
  readonly key?: string | undefined;
  readonly request?: JsonValue | undefined;
  readonly recovered?: number | undefined;
  readonly wait?: NodeWait | undefined;
}

export interface RunState {
  readonly status: 'none' | 'created' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly created: Created | null;
  readonly nodes: Readonly<Record<string, NodeState>>;
  /** Finished nodes as templates see them: `nodes.<id>.output`, `.text`, `.status`, `.error`. */
  readonly outputs: Readonly<Record<string, JsonObject>>;
  /** What assigners wrote, over the run's input. */
  readonly vars: JsonObject;
  /** How many nodes have not ended: the run ends when none is left. */
  readonly open: number;
  /** Signals that no node has taken yet. */
  readonly signals: readonly { readonly name: string; readonly payload_json: JsonObject; readonly signal_id: string }[];
  /** Ids of all signals that ever arrived: a repeated one changes nothing. */
  readonly signalIds: readonly string[];
  readonly lastAnswer: { readonly text: string | null; readonly json: JsonValue } | null;
  readonly result: { readonly output_text: string | null; readonly output_json: JsonValue } | null;
  readonly error: RunErrorData | null;
}

export const initialRun: RunState = {
  status: 'none',
  created: null,
  nodes: {},
  outputs: {},
  vars: {},
  open: 0,
  signals: [],
  signalIds: [],
  lastAnswer: null,
  result: null,
  error: null,
};

const OPEN: ReadonlySet<NodeStatus> = new Set<NodeStatus>(['queued', 'running', 'waiting', 'retrying', 'unknown']);
export const isOpen = (status: NodeStatus | undefined): boolean => status !== undefined && OPEN.has(status);

/** Human tasks that nobody needs any more when the run ends now. */
export const openTasks = (state: RunState): string[] =>
  Object.values(state.nodes).flatMap(({ status, wait }) => {
    const id = status === 'waiting' && wait?.for === 'human_task' ? wait.detail['task_id'] : undefined;
    return typeof id === 'string' ? [id] : [];
  });

function setNode(state: RunState, id: string, node: NodeState): RunState {
  const open = state.open + Number(isOpen(node.status)) - Number(isOpen(state.nodes[id]?.status));
  return { ...state, open, nodes: { ...state.nodes, [id]: node } };
}

/** The state after one more event. Trusts the log: nothing is validated. */
export function evolveRun(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run.created':
      return { ...state, status: event.data.held ? 'created' : 'running', created: event.data, vars: event.data.input };
    case 'run.started':
      return { ...state, status: 'running' };
    case 'node.queued':
      return setNode(state, event.data.node_id, { type: event.data.node_type, status: 'queued', attempt: event.data.attempt ?? 1 });
    case 'node.started': {
      const { node_id, node_type, attempt, key, request, recovered } = event.data;
      return setNode(state, node_id, { type: node_type, status: 'running', attempt, key, request, recovered });
    }
    case 'node.waiting': {
      const before = state.nodes[event.data.node_id];
      const { wait, due_at } = event.data;
      const whole: NodeWait = due_at === undefined ? wait : { ...wait, due_at };
      const waiting: NodeState = { ...before, type: event.data.node_type, status: 'waiting', attempt: event.data.attempt, wait: whole };
      return setNode(state, event.data.node_id, waiting);
    }
    case 'node.completed':
      return complete(state, event.data);
    case 'node.failed': {
      const { node_id, node_type, attempt, error } = event.data;
      const failed = setNode(state, node_id, { type: node_type, status: 'failed', attempt });
      return { ...failed, outputs: { ...failed.outputs, [node_id]: { output: null, text: null, status: 'failed', error: { code: error.code, message: error.message } } } };
    }
    case 'node.retry_scheduled': {
      const { node_id, node_type, attempt } = event.data;
      return setNode(state, node_id, { type: node_type, status: 'retrying', attempt });
    }
    case 'node.outcome_unknown': {
      const before = state.nodes[event.data.node_id];
      return setNode(state, event.data.node_id, { ...before, type: event.data.node_type, status: 'unknown', attempt: event.data.attempt });
    }
    case 'node.resolved':
      // What follows from it is in the events beside it.
      return state;
    case 'node.skipped':
      return setNode(state, event.data.node_id, { type: event.data.node_type, status: 'skipped', attempt: 0 });
    case 'run.signalled':
      return { ...state, signals: [...state.signals, event.data], signalIds: [...state.signalIds, event.data.signal_id] };
    case 'run.completed':
      return { ...state, status: 'completed', result: event.data };
    case 'run.failed':
      return { ...state, status: 'failed', error: event.data.error };
    case 'run.cancelled':
      return { ...state, status: 'cancelled' };
  }
}

/** A signal is taken by the node that it completes. */
function takeSignal(state: RunState, signalId: string | undefined): RunState {
  return signalId === undefined ? state : { ...state, signals: state.signals.filter((signal) => signal.signal_id !== signalId) };
}

function complete(state: RunState, data: Extract<RunEvent, { type: 'node.completed' }>['data']): RunState {
  const { node_id, node_type, attempt, output_json, output_text, route, state_updates, signal_id } = data;
  const next = setNode(state, node_id, { type: node_type, status: 'completed', attempt, route });
  return {
    ...takeSignal(next, signal_id),
    outputs: { ...next.outputs, [node_id]: { output: output_json, text: output_text, status: 'completed', error: null } },
    vars: state_updates ? { ...next.vars, ...state_updates } : next.vars,
    lastAnswer: node_type === 'answer' ? { text: output_text, json: output_json } : next.lastAnswer,
  };
}
