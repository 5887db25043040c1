import type { JsonObject, JsonValue, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { openTasks, type RunState } from '@agent-platform/run/run.state';
import type { Gateway } from '../gateway.ts';

/** What a call of MCP begins: a run of a workflow, a run of a skill, or a call of a tool. Each is a stream of its own. */
export const KINDS = ['run', 'skill_run', 'tool_call'] as const;
export type Kind = (typeof KINDS)[number];
export type CalledStream = StreamRef & { readonly category: Kind };

/** States that nothing follows, and the last words of the events that lead there. */
const ENDS: readonly JsonValue[] = ['completed', 'failed', 'cancelled'];

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
  // The stream's category says whose state it is.
  if (category === 'run') return { kind: category, view, ended, open_tasks: openTasks(state as RunState) };
  const child = view['child_run_id'];
  const people = !ended && typeof child === 'string' ? await find(gateway, { workspace_id, category: 'run', stream_id: child }) : null;
  return { kind: category, view, ended, open_tasks: people?.open_tasks ?? [] };
}

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
