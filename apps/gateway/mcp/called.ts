import type { JsonObject, JsonValue, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { openTasks, type RunState } from '@agent-platform/run/run.state';
import type { SkillRunState } from '@agent-platform/skill-run/index';
import type { ToolCallState } from '@agent-platform/tool-call/index';
import type { Gateway } from '../gateway.ts';

/** What a call of MCP begins: a run of a workflow, a run of a skill, or a call of a tool. Each is a stream of its own. */
export const KINDS = ['run', 'skill_run', 'tool_call'] as const;
export type Kind = (typeof KINDS)[number];
export type CalledStream = StreamRef & { readonly category: Kind };

/** States that nothing follows, and the last words of the events that lead there. */
const ENDS: readonly JsonValue[] = ['completed', 'failed', 'cancelled', 'skipped'];

export const isEnd = (category: Kind, type: string): boolean => type.startsWith(`${category}.`) && ENDS.includes(type.slice(category.length + 1));

/** Something that was begun, as it is at present, and the people it waits for. */
export interface Called {
  readonly kind: Kind;
  readonly view: JsonObject;
  readonly ended: boolean;
  readonly open_tasks: readonly string[];
}

/** As the log has it; null when there is none. */
export async function find(gateway: Gateway, { workspace_id, category, stream_id }: CalledStream): Promise<Called | null> {
  const feature = gateway.features.of(category);
  const { state } = await gateway.states.load(feature, { workspace_id, category, stream_id });
  const view = feature.view(state, stream_id);
  if (!view) return null;
  const ended = ENDS.includes(view['status'] ?? null);
  return { kind: category, view, ended, open_tasks: ended ? [] : await openTasksOf(gateway, { workspace_id, category, stream_id }, state) };
}

/** Events after which a person may be waited for. */
export const ASKED: ReadonlySet<string> = new Set(['node.waiting', 'skill_run.step_asked', 'tool_call.asked']);

async function openTasksOf(gateway: Gateway, { workspace_id, category }: CalledStream, state: unknown): Promise<readonly string[]> {
  // The stream's category says whose state it is.
  if (category === 'run') return openTasks(state as RunState);
  if (category === 'tool_call') return openTask(state as ToolCallState);
  const { task_id, child_run_id } = state as SkillRunState;
  if (task_id !== null) return [task_id];
  const child = child_run_id === null ? null : await find(gateway, { workspace_id, category: 'run', stream_id: child_run_id });
  return child?.open_tasks ?? [];
}

const openTask = ({ status, task_id }: ToolCallState): string[] => (status === 'selected' && task_id !== null ? [task_id] : []);

/** The same, by an id alone. Throws Failure('missing'). */
export async function locate(gateway: Gateway, workspace_id: string, stream_id: string): Promise<CalledStream> {
  for (const category of KINDS) {
    const stream = { workspace_id, category, stream_id };
    if (await find(gateway, stream)) return stream;
  }
  throw notFound(stream_id, workspace_id);
}

export const notFound = (id: string, workspace_id: string): Failure =>
  new Failure('missing', 'run-not-found', `There is no run "${id}" in workspace "${workspace_id}".`);
