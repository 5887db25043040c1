import type { EventEnvelope, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { deterministicUuid, type Effect, type EffectContext, type Executor, toFailure, type Unbound, type Wanted } from '@agent-platform/kernel/index';
import { HUMAN_ANSWERS, readHumanAnswer } from '@agent-platform/nodes/human-answer';
import type { NodeOutcome } from '@agent-platform/nodes/node';
import { loadProgram } from './skill-run.load.ts';
import type { SkillProgram, StepRunner } from './skill-run.program.ts';
import {
  attemptOf,
  hasEnded,
  isWaiting,
  type ExecutorCommand,
  type SkillRunCommand,
  type SkillRunEvent,
  type SkillRunState,
  type StepStarted,
} from './skill-run.state.ts';
import { CHILD_PREFIX } from './skill-run.steps.ts';

/** A step as the log asks for it. */
interface Asked {
  readonly started: StepStarted;
  readonly program: SkillProgram;
  /** The node of a run that waits for the result. */
  readonly parent: EffectContext['parent'];
}

/** No timer of Node can wait longer than 24.8 days. */
const LONGEST_STEP_MS = 24 * 3_600_000;
const CHILD_ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);
const unbound = (command: Unbound<ExecutorCommand, 'program'>): Wanted<SkillRunCommand> => command as Wanted<SkillRunCommand>;

/** Advances runs of skills: events wake them, steps are done outside, outcomes become commands. */
export function createSkillRunExecutor(steps: StepRunner): Executor<SkillRunState, SkillRunCommand, SkillRunEvent, SkillProgram> {
  return {
    category: 'skill_run',
    triggers: [
      { category: 'skill_run', type: 'skill_run.created' },
      { category: 'skill_run', type: 'skill_run.released' },
      { category: 'skill_run', type: 'skill_run.cancelled' },
      ...[...CHILD_ENDS].map((type) => ({ category: 'run', type })),
      ...HUMAN_ANSWERS,
      { category: 'job', type: 'job.due' },
    ],
    wake,
    async context(state, { workspace_id }, lookup) {
      // A stream begins with what was created: there is no activation before.
      return loadProgram(state.created as NonNullable<SkillRunState['created']>, workspace_id, lookup, steps);
    },
    advance: () => unbound({ type: 'skill_run.advance', data: {} }),
    recover: (state) => (state.current && !isWaiting(state) ? unbound({ type: 'skill_run.recover', data: {} }) : null),
    // Only executor commands are bound; each of them takes the program.
    bind: (command, program) => ({ ...command, data: { ...command.data, program } }),
    effect(event, state, program): Effect | null {
      if (event.type !== 'skill_run.step_started') return null;
      const timeoutMs = Math.min(LONGEST_STEP_MS, (state.created?.timeout_seconds ?? 0) * 1000);
      return {
        key: event.data.key,
        kind: event.data.kind,
        request: { started: event.data, program, parent: state.created?.parent ?? undefined } satisfies Asked,
        timeoutMs,
      };
    },
    async perform(effect, context) {
      const asked = effect.request as Asked;
      const { index } = asked.started;
      return unbound({ type: 'skill_run.record', data: { index, attempt: attemptOf(asked.started), outcome: await perform(asked, context) } });
    },
    wanted: (state) => new Set(state.current && !isWaiting(state) ? [state.current.key] : []),
    ended: hasEnded,
  };
}

async function perform({ started, program, parent }: Asked, context: EffectContext): Promise<NodeOutcome> {
  const { kind, step_id, request, key } = started;
  if (kind === 'workflow') return startChild(request as JsonObject, key, context);
  if (program.steps) return program.steps.perform({ kind, step_id, request }, program.lookup, parent ? { ...context, parent } : context);
  return { status: 'failed', error: { code: 'skill-step-outside', message: 'This process does nothing outside.', retryable: false } };
}

/** The same command id again gives the first answer, so a run is started once, whoever takes over. */
async function startChild(request: JsonObject, key: string, { command, stream, signal }: EffectContext): Promise<NodeOutcome> {
  try {
    await command('run.create', stream.workspace_id, request, deterministicUuid(`command/${key}`));
    return { status: 'waiting', wait: { for: 'signal', detail: { run_id: request['run_id'] ?? null } } };
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message, kind } = toFailure(error);
    return { status: 'failed', error: { code, message, retryable: kind === 'transient' } };
  }
}

function wake(event: EventEnvelope): { stream: StreamRef; command?: Wanted<SkillRunCommand> } | null {
  const { workspace_id, data } = event;
  const streamOf = (stream_id: string): StreamRef => ({ workspace_id, category: 'skill_run', stream_id });
  if (event.category === 'skill_run') {
    return event.type === 'skill_run.created' && data['held'] === true ? null : { stream: streamOf(event.stream_id) };
  }
  if (event.category === 'run') {
    // Runs that nobody's skill waits for, which are most.
    if (!event.stream_id.startsWith(CHILD_PREFIX) || !CHILD_ENDS.has(event.type)) return null;
    const child_run_id = event.stream_id;
    const command = unbound({ type: 'skill_run.child_ended', data: { child_run_id, how: event.type, end: data } });
    return { stream: streamOf(child_run_id.slice(CHILD_PREFIX.length)), command };
  }
  if (event.category === 'human_task') {
    // Of a step; those of other runs lead to streams that are none.
    const answer = readHumanAnswer(event);
    if (!answer) return null;
    const { run_id, node_id: step_id, ...answered } = answer;
    return { stream: streamOf(run_id), command: unbound({ type: 'skill_run.answered', data: { step_id, ...answered } }) };
  }
  const target = data['target'] as { category?: string; stream_id?: string } | undefined;
  if (target?.category !== 'skill_run' || !target.stream_id) return null;
  const { step, attempt } = (data['payload'] ?? {}) as { readonly step?: number; readonly attempt?: number };
  const command: Unbound<ExecutorCommand, 'program'> =
    step === undefined ? { type: 'skill_run.timer', data: {} } : { type: 'skill_run.retry', data: { index: step, attempt: attempt ?? 1 } };
  return { stream: streamOf(target.stream_id), command: unbound(command) };
}
