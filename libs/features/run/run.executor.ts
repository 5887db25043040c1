import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { WorkflowDefinition } from '@agent-platform/contracts/workflow/definition';
import { Failure, type Effect, type Executor, type Lookup, type Unbound, type Wanted } from '@agent-platform/kernel/index';
import { HUMAN_ANSWERS, readHumanAnswer } from '@agent-platform/nodes/human-answer';
import { type NodeRegistry, type ResolvedTool, toolKey, type ToolRef } from '@agent-platform/nodes/node';
import type { Ports } from '@agent-platform/ports/index';
import { hasEnded, type ExecutorCommand, type RecordedOutcome, type RunCommand } from './run.decider.ts';
import { type Asked, DEFAULT_TIMEOUT_MS, performNode } from './run.perform.ts';
import { compileProgram, type Program } from './run.program.ts';
import type { RunEvent, RunState } from './run.state.ts';

/** Finds a tool as it is now; null when there is none. Given from outside: features do not know each other. */
export type ToolLookup = (workspaceId: string, ref: ToolRef, lookup: Lookup) => Promise<ResolvedTool | null>;

/** Value of a named secret as it is now; null when there is none. Given from outside, as tools are. */
export type SecretLookup = (workspaceId: string, name: string, lookup: Lookup) => Promise<string | null>;

/** Advances runs: events wake them, node types do their work, outcomes become commands. */
export function createRunExecutor(options: {
  registry: NodeRegistry;
  ports: Ports;
  tools: ToolLookup;
  secrets: SecretLookup;
}): Executor<RunState, RunCommand, RunEvent, Program> {
  const { registry, ports, tools } = options;
  const programs = new ProgramCache(registry, options.secrets);
  const unbound = (command: Unbound<ExecutorCommand, 'program'>): Wanted<RunCommand> => command as Wanted<RunCommand>;

  return {
    category: 'run',
    triggers: [
      { category: 'run', type: 'run.created' },
      { category: 'run', type: 'run.started' },
      { category: 'run', type: 'run.signalled' },
      { category: 'run', type: 'run.cancelled' },
      { category: 'run', type: 'node.resolved' },
      ...HUMAN_ANSWERS,
      { category: 'job', type: 'job.due' },
    ],
    wake: (event) => wake(event, unbound),
    async context(state, stream, lookup) {
      const program = await programs.of(state, stream.workspace_id, lookup);
      if (program.toolRefs.length === 0) return program;
      const found = await Promise.all(program.toolRefs.map(async (ref) => [toolKey(ref), await tools(stream.workspace_id, ref, lookup)] as const));
      return { ...program, tools: Object.fromEntries(found.flatMap(([key, tool]) => (tool ? [[key, tool]] : []))) };
    },
    advance: () => unbound({ type: 'run.advance', data: {} }),
    recover: (state) => (Object.values(state.nodes).some(({ status }) => status === 'running') ? unbound({ type: 'run.recover', data: {} }) : null),
    merge: (commands) => mergeOutcomes(commands),
    bind: (command, program) => ({ ...command, data: { ...command.data, program } }),
    effect(event, _state, program): Effect | null {
      if (event.type !== 'node.started' || event.data.key === undefined) return null;
      const { data } = event;
      const node = program.nodes.get(data.node_id);
      return node?.node?.kind === 'effect'
        ? {
            key: effectKey(event.data.key, data.attempt),
            kind: data.node_type,
            request: { started: data, node, secrets: program.secrets, secretOf: program.secretOf } satisfies Asked,
            timeoutMs: node.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          }
        : null;
    },
    async perform(effect, context) {
      const asked = effect.request as Asked;
      const { started } = asked;
      const outcome = await performNode(asked, ports, { ...context, key: started.key ?? context.key });
      return unbound({ type: 'run.record', data: { outcomes: [{ node_id: started.node_id, attempt: started.attempt, outcome }] } });
    },
    wanted: (state) =>
      new Set(
        hasEnded(state)
          ? []
          : Object.values(state.nodes).flatMap((node) => (node.status === 'running' && node.key !== undefined ? [effectKey(node.key, node.attempt)] : [])),
      ),
    ended: hasEnded,
  };
}

/** An attempt inside this process: one that is not wanted any more must not be taken for the next, though the outside knows both by one key. */
const effectKey = (key: string, attempt: number): string => `${key}#${attempt}`;

/** Outcomes that have come together are recorded together: a join of a hundred nodes looks at its run once, not a hundred times. */
function mergeOutcomes(commands: readonly Wanted<RunCommand>[]): readonly Wanted<RunCommand>[] {
  const records = commands.filter((command): command is Extract<Wanted<RunCommand>, { type: 'run.record' }> => command.type === 'run.record');
  if (records.length < 2) return commands;
  const outcomes = records.flatMap(({ data }) => (data as { readonly outcomes: readonly RecordedOutcome[] }).outcomes);
  return [...commands.filter(({ type }) => type !== 'run.record'), { type: 'run.record', data: { outcomes } } as unknown as Wanted<RunCommand>];
}

function wake(
  event: EventEnvelope,
  unbound: (command: Unbound<ExecutorCommand, 'program'>) => Wanted<RunCommand>,
): { stream: StreamRef; command?: Wanted<RunCommand> } | null {
  const { workspace_id, data } = event;
  if (event.category === 'run') {
    const stream = { workspace_id, category: 'run', stream_id: event.stream_id };
    if (event.type === 'run.created' && data['held'] === true) return null;
    return { stream };
  }
  if (event.category === 'human_task') {
    const answer = readHumanAnswer(event);
    if (!answer) return null;
    const { run_id: stream_id, node_id, attempt, signal } = answer;
    return { stream: { workspace_id, category: 'run', stream_id }, command: unbound({ type: 'run.resume', data: { node_id, attempt, signal } }) };
  }
  const target = data['target'] as { category?: string; stream_id?: string } | undefined;
  const payload = data['payload'] as { node_id?: string; attempt?: number } | undefined;
  if (target?.category !== 'run' || !target.stream_id || !payload?.node_id) return null;
  return {
    stream: { workspace_id, category: 'run', stream_id: target.stream_id },
    command: unbound({ type: 'run.timer', data: { node_id: payload.node_id, attempt: Number(payload.attempt ?? 1) } }),
  };
}

/** Versions never change, so a compiled one is kept; the newest few hundred are enough. */
class ProgramCache {
  readonly #programs = new Map<string, Promise<Program>>();
  readonly #registry: NodeRegistry;
  readonly #secrets: SecretLookup;
  static readonly #LIMIT = 500;

  constructor(registry: NodeRegistry, secrets: SecretLookup) {
    this.#registry = registry;
    this.#secrets = secrets;
  }

  of(state: RunState, workspace: string, lookup: Lookup): Promise<Program> {
    const workflow = state.created?.workflow;
    if (!workflow) throw new Failure('fault', 'run-without-workflow', 'The run names no workflow version.');
    const key = `${workspace}/${workflow.workflow_version_id}`;
    let program = this.#programs.get(key);
    if (!program) {
      program = this.#load(workspace, workflow.workflow_id, workflow.definition_version, lookup);
      program.catch(() => this.#programs.delete(key));
      this.#programs.set(key, program);
      const oldest = this.#programs.keys().next().value;
      if (this.#programs.size > ProgramCache.#LIMIT && oldest !== undefined) this.#programs.delete(oldest);
    }
    return program;
  }

  async #load(workspaceId: string, workflowId: string, version: number, lookup: Lookup): Promise<Program> {
    const event = await lookup.event({ workspace_id: workspaceId, category: 'workflow', stream_id: workflowId }, version);
    if (!event) throw new Failure('fault', 'definition-missing', `The definition of workflow "${workflowId}" is not in the log at version ${version}.`);
    const secretOf = (name: string) => this.#secrets(workspaceId, name, lookup);
    return compileProgram(WorkflowDefinition.parse(event.data['definition']), this.#registry, lookup.secrets, secretOf);
  }
}
