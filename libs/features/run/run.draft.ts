import type { CommandMeta, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import { next, pathValue } from '@agent-platform/graph/index';
import type { NodeError, NodeOutcome, NodeScope, NodeWait } from '@agent-platform/nodes/node';
import { requestWithMarks } from '@agent-platform/nodes/secret-marks';
import { programNode, type Program, type ProgramNode } from './run.program.ts';
import { type Failed, sealRequest } from '@agent-platform/nodes/request-secrets';
import { applyToRun, endedWith, inWork, isOpen, openWork, type RunEvent, type RunState, type RunStateInWork } from './run.state.ts';

/** How often an effect is begun again after crashes before it is given up: a request that kills its executor must not do so for ever. */
const MAX_RECOVERIES = 10;

/**
 * A decision in the making: the events so far and the state after them. Everything that follows without
 * the outside world happens here, so that it is appended in one commit.
 */
export class RunDraft {
  readonly events: RunEvent[] = [];
  readonly state: RunStateInWork;
  readonly #program: Program;
  readonly #meta: CommandMeta;
  readonly #outside: ReadonlySet<string> | null;

  constructor(state: RunState, program: Program, meta: CommandMeta) {
    this.state = inWork(state);
    this.#program = program;
    this.#meta = meta;
    this.#outside = outsideOf(program, state);
  }

  emit(event: RunEvent): void {
    this.events.push(event);
    applyToRun(this.state, event);
  }

  /** Follows edges from what has finished, begins what is queued or ready, and ends the run when nothing is left open. */
  settle(finished: readonly string[], queued: readonly string[] = []): readonly RunEvent[] {
    const queue = [...queued];
    let done: readonly string[] = finished;
    while (this.state.status === 'running' && (queue.length > 0 || done.length > 0)) {
      if (done.length > 0) {
        const { ready, skipped } = next(this.#program.graph, (id) => this.#statusOf(id), done);
        done = [];
        // What has a state has been looked at before: asking again must not begin it twice.
        for (const id of skipped) if (!this.state.nodes[id]) this.emit({ type: 'node.skipped', data: { node_id: id, node_type: this.#node(id).type } });
        for (const id of ready) {
          if (this.state.nodes[id]) continue;
          this.emit({ type: 'node.queued', data: { node_id: id, node_type: this.#node(id).type } });
          queue.push(id);
        }
        continue;
      }
      const id = queue.shift();
      if (id !== undefined && this.begin(id, this.state.nodes[id]?.attempt ?? 1)) done = [id];
    }
    if (this.state.status === 'running' && this.state.open === 0) this.#complete();
    return this.events;
  }

  /** Begins an attempt. True when the node has finished in this same decision. */
  begin(id: string, attempt: number): boolean {
    return this.#begin(this.#node(id), attempt);
  }

  /** Turns an outcome into events. True when the node has finished. */
  conclude(id: string, attempt: number, outcome: NodeOutcome, signalId?: string): boolean {
    const node = this.#node(id);
    const base = { node_id: id, node_type: node.type, attempt };
    if (outcome.status === 'waiting') return this.#wait(node, attempt, outcome.wait);
    if (outcome.status === 'failed') return this.#fail(node, attempt, outcome.error);
    const { route, fail_without_route: otherwise } = outcome;
    if (otherwise && !this.#program.graph.outgoing(id).some((edge) => edge.condition === route)) return this.#fail(node, attempt, otherwise);
    this.emit({
      type: 'node.completed',
      data: {
        ...base,
        output_json: outcome.output_json,
        output_text: outcome.output_text,
        ...(route !== undefined && { route }),
        ...(outcome.state_updates && { state_updates: outcome.state_updates }),
        ...(signalId !== undefined && { signal_id: signalId }),
      },
    });
    return true;
  }

  /** An effect whose holder died before it answered: begin it again under the same key, or stop and say so. */
  recover(id: string): boolean {
    const before = this.state.nodes[id];
    const node = this.#node(id);
    if (!before || before.key === undefined || node.node?.kind !== 'effect') return false;
    const recovered = (before.recovered ?? 0) + 1;
    const rule = node.onUnknown ?? node.node.onUnknown(before.request);
    const base = { node_id: id, node_type: node.type, attempt: before.attempt };
    if (rule === 'stop') this.emit({ type: 'node.outcome_unknown', data: { ...base, key: before.key } });
    else if (recovered > MAX_RECOVERIES) {
      return this.#fail(node, before.attempt, {
        code: 'crash-loop',
        message: `The effect was begun ${recovered} times and its executor died each time; look at what it asks for.`,
        retryable: false,
      });
    } else this.emit({ type: 'node.started', data: { ...base, key: before.key, request: before.request ?? null, recovered } });
    return false;
  }

  resume(id: string, signal: JsonObject, signalId?: string): boolean {
    const before = this.state.nodes[id];
    const { node } = this.#node(id);
    if (!before || before.status !== 'waiting' || node?.kind !== 'effect' || !node.resume) return false;
    const outcome = node.resume(before.request ?? null, signal);
    if (outcome.status !== 'again') return this.conclude(id, before.attempt, outcome, signalId);
    const { type: node_type, attempt, key } = before;
    this.emit({ type: 'node.started', data: { node_id: id, node_type, attempt, ...(key !== undefined && { key }), request: outcome.request as JsonValue } });
    return false;
  }

  /** Gives kept signals to the nodes that wait for them; the nodes that finished. */
  deliverSignals(): string[] {
    return this.state.signals.flatMap((signal) => {
      const taker = Object.keys(this.state.nodes).find((id) => {
        const node = this.state.nodes[id];
        return node?.status === 'waiting' && node.wait?.for === 'signal' && node.wait.detail['signal'] === signal.name;
      });
      return taker !== undefined && this.resume(taker, { payload: signal.payload_json }, signal.signal_id) ? [taker] : [];
    });
  }

  #begin(node: ProgramNode, attempt: number): boolean {
    const base = { node_id: node.id, node_type: node.type, attempt };
    if (!node.node || node.broken) {
      this.emit({ type: 'node.started', data: base });
      return this.#fail(node, attempt, node.broken ?? { code: 'node-type-unknown', message: node.type, retryable: false });
    }
    const scope = this.#scope(node, attempt);
    if (node.node.kind === 'pure') {
      this.emit({ type: 'node.started', data: base });
      return this.conclude(node.id, attempt, node.node.evaluate(node.config, scope));
    }
    const request: JsonValue | Failed = node.node.fill ? requestWithMarks(node.node, node.config, scope) : node.node.request(node.config, scope);
    const sealed = isFailed(request) ? request : sealRequest(request, this.#meta.workspace_id, this.#program.secrets);
    if ('failed' in sealed) {
      this.emit({ type: 'node.started', data: base });
      return this.#fail(node, attempt, sealed.failed);
    }
    const { recorded } = sealed;
    const immediate = node.node.immediate?.(recorded) ?? null;
    if (!immediate) {
      // Without the attempt: a receiver that did what an earlier one asked for must know this one as the same.
      const key = this.state.nodes[node.id]?.key ?? `${this.#meta.workspace_id}/${this.#meta.stream_id}/${node.id}`;
      this.emit({ type: 'node.started', data: { ...base, key, request: recorded } });
      return false;
    }
    this.emit({ type: 'node.started', data: immediate.status === 'waiting' ? { ...base, request: recorded } : base });
    return this.conclude(node.id, attempt, immediate);
  }

  #wait(node: ProgramNode, attempt: number, wait: NodeWait): boolean {
    const { due_at, ...rest } = wait;
    const timer = due_at === undefined ? {} : { due_at, timer_id: this.#timerId(node.id, attempt, 'wait') };
    this.emit({ type: 'node.waiting', data: { node_id: node.id, node_type: node.type, attempt, wait: rest, ...timer } });
    const kept = wait.for === 'signal' ? this.state.signals.find((signal) => signal.name === wait.detail['signal']) : undefined;
    return kept ? this.resume(node.id, { payload: kept.payload_json }, kept.signal_id) : false;
  }

  #fail(node: ProgramNode, attempt: number, error: NodeError): boolean {
    const base = { node_id: node.id, node_type: node.type };
    const { code, message, retryable, detail } = error;
    const reason = { code, message, node_id: node.id };
    const detailed = { ...reason, ...(detail && { detail }) };
    const { workspace_id } = this.#meta;
    // It failed without a clear answer, so what it asked others for may be there all the same.
    const before = this.state.nodes[node.id];
    const unclear = before?.status === 'running' && retryable ? [before] : [];
    if (retryable && attempt < node.retry.max_attempts) {
      const delay = Math.min(node.retry.delay_ms * node.retry.factor ** (attempt - 1), node.retry.max_delay_ms);
      const due_at = new Date(Date.parse(this.#meta.now) + delay).toISOString();
      const timer_id = this.#timerId(node.id, attempt + 1, 'retry');
      this.emit({
        type: 'node.retry_scheduled',
        data: { ...base, attempt: attempt + 1, due_at, timer_id, error: detailed, ...openWork(unclear, workspace_id) },
      });
      return false;
    }
    this.emit({ type: 'node.failed', data: { ...base, attempt, error: detailed } });
    this.emit({ type: 'run.failed', data: { error: reason, ...endedWith(this.state.nodes, workspace_id, unclear) } });
    return false;
  }

  #complete(): void {
    const { lastAnswer, outputs } = this.state;
    const last = Object.keys(outputs).filter((id) => this.#program.graph.outgoing(id).length === 0);
    const only = last.length === 1 && last[0] !== undefined ? outputs[last[0]] : undefined;
    const text = lastAnswer ? lastAnswer.text : ((only?.['text'] as string | null | undefined) ?? null);
    const json = lastAnswer ? lastAnswer.json : only ? (only['output'] ?? null) : Object.fromEntries(last.map((id) => [id, outputs[id]?.['output'] ?? null]));
    this.emit({ type: 'run.completed', data: { output_text: text, output_json: json } });
  }

  #scope(node: ProgramNode, attempt: number): NodeScope {
    const { created, vars, outputs } = this.state;
    return {
      input: this.#mapped(node.id, created?.input ?? {}),
      state: vars,
      nodes: outputs,
      current: { node_id: node.id, attempt },
      run: { id: this.#meta.stream_id, workspace_id: this.#meta.workspace_id },
      now: this.#meta.now,
      tools: this.#program.tools,
    };
  }

  /** Edges that were followed may name values of the scope as inputs of their target: `{target_name: 'nodes.a.output.x'}`. */
  #mapped(id: string, input: JsonObject): JsonObject {
    let merged = input;
    for (const edge of this.#program.graph.incoming(id)) {
      if (!edge.mapping || this.state.nodes[edge.source]?.status !== 'completed') continue;
      const scope = { input, state: this.state.vars, nodes: this.state.outputs };
      const values = Object.entries(edge.mapping).map(([name, path]) => [name, pathValue(path, scope) ?? null]);
      merged = { ...merged, ...Object.fromEntries(values) };
    }
    return merged;
  }

  #node(id: string): ProgramNode {
    const known = this.#program.nodes.get(id);
    if (known) return known;
    // A run may begin with a node that its document does not have.
    return programNode({ id, type: this.state.nodes[id]?.type ?? 'unknown', config: {} }, this.#program.registry);
  }

  #statusOf(id: string) {
    if (this.#outside?.has(id)) return { status: 'skipped' as const };
    const node = this.state.nodes[id];
    if (!node || isOpen(node.status) || node.status === 'failed') return undefined;
    return node.status === 'completed' ? { status: 'completed' as const, route: node.route } : { status: 'skipped' as const };
  }

  #timerId(nodeId: string, attempt: number, why: string): string {
    return deterministicUuid(`${this.#meta.workspace_id}/${this.#meta.stream_id}/${nodeId}/${attempt}/${why}`);
  }
}

const isFailed = (request: JsonValue | Failed): request is Failed => typeof request === 'object' && request !== null && 'failed' in request;

/** With a named first node, the nodes that can't be reached from it take no part: joins don't wait for them. */
function outsideOf(program: Program, state: RunState): ReadonlySet<string> | null {
  const first = state.created?.initial_node?.node_id;
  if (first === undefined) return null;
  const reached = new Set([first]);
  for (const id of reached) for (const edge of program.graph.outgoing(id)) reached.add(edge.target);
  return new Set([...program.nodes.keys()].filter((id) => !reached.has(id)));
}
