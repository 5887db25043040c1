import type { EventOf, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { runContract } from '@agent-platform/contracts/run/run.contract';
import { askedWork } from '@agent-platform/nodes/asked.work';
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
  /** What the outside knows the effect by: the same for all attempts. */
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

const texts = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string');

/** Human tasks that nodes wait for. */
export const openTasks = (state: RunState): string[] =>
  texts(Object.values(state.nodes).map(({ status, wait }) => (status === 'waiting' && wait?.for === 'human_task' ? wait.detail['task_id'] : undefined)));

/** Human tasks and runs of skills that nobody needs any more when these nodes end now: also those that are only about to be made. */
export function openWork(nodes: readonly NodeState[], workspaceId: string): { open_tasks: string[]; open_skill_runs?: string[] } {
  const asked = nodes
    .filter(({ status }) => isOpen(status))
    .map(({ type, request, wait }) => ({ ...(wait?.for === 'human_task' && wait.detail), ...askedWork(type, request, workspaceId) }));
  const open_skill_runs = texts(asked.map(({ skill_run_id }) => skill_run_id));
  return { open_tasks: texts(asked.map(({ task_id }) => task_id)), ...(open_skill_runs.length > 0 && { open_skill_runs }) };
}

/** What ends with the run when it ends now: the open ones of these nodes, and what they and the `unclear` ones asked others for. */
export function endedWith(nodes: RunState['nodes'], workspaceId: string, unclear: readonly NodeState[] = []) {
  const open = Object.entries(nodes).filter(([, { status }]) => isOpen(status));
  const open_nodes = open.map(([node_id, { type, attempt }]) => ({ node_id, node_type: type, attempt }));
  return { ...openWork([...unclear, ...Object.values(nodes)], workspaceId), ...(open_nodes.length > 0 && { open_nodes }) };
}

/** A state that one owner changes in place: a run of many nodes must not be copied for each of its events. */
export type RunStateInWork = { -readonly [K in keyof RunState]: RunState[K] } & {
  nodes: Record<string, NodeState>;
  outputs: Record<string, JsonObject>;
};

/** A copy to work on; the original stays as it is. */
export const inWork = (state: RunState): RunStateInWork => ({ ...state, nodes: { ...state.nodes }, outputs: { ...state.outputs } });

/** The state after one more event. Trusts the log: nothing is validated. */
export const evolveRun = (state: RunState, event: RunEvent): RunState => evolveAllOfRun(state, [event]);

/** The state after more events, with one copy for all of them. */
export function evolveAllOfRun(state: RunState, events: Iterable<RunEvent>): RunState {
  const next = inWork(state);
  for (const event of events) applyToRun(next, event);
  return next;
}

function setNode(state: RunStateInWork, id: string, node: NodeState): void {
  state.open += Number(isOpen(node.status)) - Number(isOpen(state.nodes[id]?.status));
  state.nodes[id] = node;
}

/** Changes a state in work by one event. */
export function applyToRun(state: RunStateInWork, event: RunEvent): void {
  switch (event.type) {
    case 'run.created':
      state.status = event.data.held ? 'created' : 'running';
      state.created = event.data;
      state.vars = event.data.input;
      return;
    case 'run.started':
      state.status = 'running';
      return;
    case 'node.queued': {
      const { node_id, node_type, attempt = 1 } = event.data;
      return setNode(state, node_id, { type: node_type, status: 'queued', attempt, key: state.nodes[node_id]?.key });
    }
    case 'node.started': {
      const { node_id, node_type, attempt, key, request, recovered } = event.data;
      return setNode(state, node_id, { type: node_type, status: 'running', attempt, key, request, recovered });
    }
    case 'node.waiting': {
      const { node_id, node_type, attempt, wait, due_at } = event.data;
      const whole: NodeWait = due_at === undefined ? wait : { ...wait, due_at };
      return setNode(state, node_id, { ...state.nodes[node_id], type: node_type, status: 'waiting', attempt, wait: whole });
    }
    case 'node.completed':
      return complete(state, event.data);
    case 'node.failed': {
      const { node_id, node_type, attempt, error } = event.data;
      setNode(state, node_id, { type: node_type, status: 'failed', attempt });
      state.outputs[node_id] = { output: null, text: null, status: 'failed', error: { code: error.code, message: error.message } };
      return;
    }
    case 'node.retry_scheduled': {
      const { node_id, node_type, attempt } = event.data;
      return setNode(state, node_id, { type: node_type, status: 'retrying', attempt, key: state.nodes[node_id]?.key });
    }
    case 'node.outcome_unknown': {
      const { node_id, node_type, attempt } = event.data;
      return setNode(state, node_id, { ...state.nodes[node_id], type: node_type, status: 'unknown', attempt });
    }
    case 'node.resolved':
      // What the person decided becomes of the node is said by the event after it.
      return;
    case 'node.skipped':
      return setNode(state, event.data.node_id, { type: event.data.node_type, status: 'skipped', attempt: 0 });
    case 'run.signalled':
      state.signals = [...state.signals, event.data];
      state.signalIds = [...state.signalIds, event.data.signal_id];
      return;
    case 'run.completed':
      state.status = 'completed';
      state.result = event.data;
      return;
    case 'run.failed':
      state.status = 'failed';
      state.error = event.data.error;
      return;
    case 'run.cancelled':
      state.status = 'cancelled';
  }
}

function complete(state: RunStateInWork, data: Extract<RunEvent, { type: 'node.completed' }>['data']): void {
  const { node_id, node_type, attempt, output_json, output_text, route, state_updates, signal_id } = data;
  setNode(state, node_id, { type: node_type, status: 'completed', attempt, route });
  state.outputs[node_id] = { output: output_json, text: output_text, status: 'completed', error: null };
  if (state_updates) state.vars = { ...state.vars, ...state_updates };
  if (node_type === 'answer') state.lastAnswer = { text: output_text, json: output_json };
  // A signal is taken by the node that it completes.
  if (signal_id !== undefined) state.signals = state.signals.filter((signal) => signal.signal_id !== signal_id);
}
