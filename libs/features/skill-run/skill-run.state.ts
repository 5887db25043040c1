import type { Command, CommandOf, EventOf, JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { skillRunContract } from '@agent-platform/contracts/skill-run/skill-run.contract';
import type { NodeOutcome } from '@agent-platform/nodes/node';
import type { SkillProgram } from './skill-run.program.ts';

export type SkillRunEvent = EventOf<typeof skillRunContract>;
export type Created = Extract<SkillRunEvent, { type: 'skill_run.created' }>['data'];
export type StepStarted = Extract<SkillRunEvent, { type: 'skill_run.step_started' }>['data'];

export type SkillRunError = Extract<SkillRunEvent, { type: 'skill_run.failed' }>['data']['error'];

type PublicCommand = CommandOf<typeof skillRunContract>;
type Of<T extends PublicCommand['type']> = Extract<PublicCommand, { type: T }>;

/** What `prepare` found for skill_run.create. */
export interface PreparedCreate {
  readonly created: Created;
}

/** Commands that only the executor issues; `program` is bound to them before the decision. */
export type ExecutorCommand =
  | Command<'skill_run.advance', { readonly program: SkillProgram }>
  | Command<'skill_run.recover', { readonly program: SkillProgram }>
  | Command<'skill_run.record', { readonly program: SkillProgram; readonly index: number; readonly attempt: number; readonly outcome: NodeOutcome }>
  | Command<'skill_run.retry', { readonly program: SkillProgram; readonly index: number; readonly attempt: number }>
  | Command<
      'skill_run.answered',
      { readonly program: SkillProgram; readonly task_id: string; readonly step_id: string; readonly attempt: number; readonly signal: JsonObject }
    >
  | Command<'skill_run.child_ended', { readonly program: SkillProgram; readonly child_run_id: string; readonly how: string; readonly end: JsonObject }>
  | Command<'skill_run.timer', { readonly program: SkillProgram }>;

export type SkillRunCommand =
  | (Of<'skill_run.create'> & { readonly data: Partial<PreparedCreate> })
  /** With the program when the skill needs nothing from outside: then it is executed at once. */
  | (Of<'skill_run.execute'> & { readonly data: { readonly program?: SkillProgram } })
  | Of<'skill_run.cancel'>
  | Of<'skill_run.withdraw'>
  | ExecutorCommand;

export interface StepResult {
  readonly step_id: string;
  readonly output_json: JsonValue;
  readonly output_text: string | null;
}

export interface SkillRunState {
  readonly status: 'none' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly created: Created | null;
  readonly held: boolean;
  readonly worker_key: string | null;
  /** Of the steps that have ended, in their order. */
  readonly results: readonly StepResult[];
  /** The step under way. */
  readonly current: StepStarted | null;
  /** The workflow run that the step under way waits for. */
  readonly child_run_id: string | null;
  /** The question to a person that the step under way waits for. */
  readonly task_id: string | null;
  /** The attempt that a timer begins. */
  readonly retry: { readonly index: number; readonly step_id: string; readonly attempt: number } | null;
  readonly result: { readonly output_json: JsonValue; readonly output_text: string | null } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export const initialSkillRun: SkillRunState = {
  status: 'none',
  created: null,
  held: false,
  worker_key: null,
  results: [],
  current: null,
  child_run_id: null,
  task_id: null,
  retry: null,
  result: null,
  error: null,
};

/** What the step under way waits for is outside of its executor. */
export const isWaiting = ({ child_run_id, task_id }: SkillRunState): boolean => child_run_id !== null || task_id !== null;

export const attemptOf = ({ attempt = 1 }: Pick<StepStarted, 'attempt'>): number => attempt;

/** Names a step, and its attempt when it is not the first. */
export const namedStep = ({ index, step_id, attempt }: Pick<StepStarted, 'index' | 'step_id' | 'attempt'>) => ({
  index,
  step_id,
  ...(attempt !== undefined && { attempt }),
});

export const hasEnded = ({ status }: SkillRunState): boolean => status === 'completed' || status === 'failed' || status === 'cancelled';

export function evolveSkillRun(state: SkillRunState, event: SkillRunEvent): SkillRunState {
  switch (event.type) {
    case 'skill_run.created':
      return { ...state, status: 'queued', created: event.data, held: event.data.held };
    case 'skill_run.released':
      return { ...state, held: false, worker_key: event.data.worker_key };
    case 'skill_run.started':
      return { ...state, status: 'running' };
    case 'skill_run.step_started':
      return { ...state, current: event.data, task_id: null, retry: null };
    case 'skill_run.step_waiting':
      return { ...state, child_run_id: event.data.child_run_id };
    case 'skill_run.step_asked':
      return { ...state, task_id: event.data.task_id };
    case 'skill_run.step_retry_scheduled': {
      const { index, step_id, attempt } = event.data;
      return { ...state, current: null, retry: { index, step_id, attempt } };
    }
    case 'skill_run.step_completed': {
      const { step_id, output_json, output_text } = event.data;
      return { ...state, current: null, results: [...state.results, { step_id, output_json, output_text }] };
    }
    case 'skill_run.completed': {
      const { output_json, output_text } = event.data;
      return { ...state, status: 'completed', result: { output_json, output_text } };
    }
    case 'skill_run.failed':
      return { ...state, status: 'failed', current: null, task_id: null, retry: null, error: event.data.error };
    case 'skill_run.cancelled':
      return { ...state, status: 'cancelled', current: null, task_id: null, retry: null };
  }
}

/** The run as commands answer it and as replay shows it. */
export function skillRunView(state: SkillRunState, id: string): JsonObject | null {
  const { created, status, child_run_id, result, error, worker_key } = state;
  if (!created) return null;
  const { held: _, timeout_seconds: _seconds, ...rest } = created;
  const { output_json = null, output_text = null } = result ?? {};
  return { id, status, ...rest, child_run_id, output_json, output_text, error, worker_key };
}
