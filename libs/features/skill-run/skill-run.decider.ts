import type { CommandMeta, JsonObject } from '@agent-platform/contracts/kit/index';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { askedWork } from '@agent-platform/nodes/asked.work';
import type { NodeError, NodeOutcome } from '@agent-platform/nodes/node';
import { isUnapproved } from '@agent-platform/nodes/tool.approval';
import { isPure, type SkillProgram } from './skill-run.program.ts';
import {
  attemptOf,
  evolveSkillRun,
  hasEnded,
  initialSkillRun,
  isWaiting,
  namedStep,
  type ExecutorCommand,
  type SkillRunCommand,
  type SkillRunError,
  type SkillRunEvent,
  type SkillRunState,
  type StepStarted,
} from './skill-run.state.ts';
import { childRunId, nextOf, retryOf } from './skill-run.steps.ts';

/** How often an effect is begun again after crashes before it is given up: a request that kills its executor must not do so for ever. */
const MAX_RECOVERIES = 10;

function decide(command: SkillRunCommand, state: SkillRunState): Decision<SkillRunEvent> {
  const { meta } = command;
  if (command.type === 'skill_run.create') {
    if (state.status !== 'none') return reject('conflict', 'skill-run-exists', `There is a skill run "${meta.stream_id}" already: take another skill_run_id.`);
    const { created } = command.data;
    return created ? [{ type: 'skill_run.created', data: created }] : reject('invalid', 'skill-run-unprepared', 'The skill was not looked up.');
  }
  if (command.type === 'skill_run.withdraw' && state.status === 'none') return cancel(command, state);
  if (!state.created) return reject('missing', 'skill-run-not-found', `There is no skill run "${meta.stream_id}" in this workspace.`);
  switch (command.type) {
    case 'skill_run.execute': {
      if (!state.held || hasEnded(state)) return [];
      const draft = new Draft(state, meta);
      draft.emit({ type: 'skill_run.released', data: { worker_key: command.data.worker_key ?? null } });
      return command.data.program ? draft.goOn(command.data.program) : draft.events;
    }
    case 'skill_run.cancel':
    case 'skill_run.withdraw':
      return cancel(command, state);
    default:
      return hasEnded(state) ? [] : execute(command, state);
  }
}

function cancel({ data, meta }: Extract<SkillRunCommand, { type: 'skill_run.cancel' | 'skill_run.withdraw' }>, state: SkillRunState): Decision<SkillRunEvent> {
  if (state.status === 'cancelled') return [];
  if (hasEnded(state)) return reject('conflict', 'skill-run-ended', `The skill run is ${state.status} already and can't be cancelled.`);
  return [{ type: 'skill_run.cancelled', data: { reason: data.reason ?? null, ...linksOf(state, meta), ...stepOf(state) } }];
}

function execute(command: ExecutorCommand, state: SkillRunState): Decision<SkillRunEvent> {
  const draft = new Draft(state, command.meta);
  const { current, status } = state;
  switch (command.type) {
    case 'skill_run.advance':
      return draft.goOn(command.data.program);
    case 'skill_run.recover':
      return draft.recover(command.data.program);
    case 'skill_run.record':
      return current?.index === command.data.index && attemptOf(current) === command.data.attempt && !isWaiting(state)
        ? draft.conclude(command.data.outcome, command.data.program)
        : [];
    case 'skill_run.retry':
      return state.retry?.index === command.data.index && state.retry.attempt === command.data.attempt ? draft.begin(command.data.program) : [];
    case 'skill_run.answered': {
      const { task_id, step_id, attempt, signal, program } = command.data;
      if (current?.step_id !== step_id || attemptOf(current) !== attempt) return [];
      // A quick answer: that a person was asked has not been recorded yet. It must come again.
      if (state.task_id === null && isUnapproved(current.request))
        return reject('conflict', 'skill-run-not-waiting-yet', 'The person answered before it was recorded that one was asked.');
      return state.task_id === task_id ? draft.resume(signal, program) : [];
    }
    case 'skill_run.child_ended': {
      const { child_run_id, how, end, program } = command.data;
      if (current?.kind !== 'workflow' || childRunId(command.meta.stream_id) !== child_run_id) return [];
      // A quick child: that it was started has not been recorded yet. It must come again.
      if (state.child_run_id === null) return reject('conflict', 'skill-run-not-waiting-yet', 'The child run has ended before its start was recorded.');
      const text = typeof end['output_text'] === 'string' ? end['output_text'] : null;
      if (how === 'run.completed') return draft.conclude({ status: 'completed', output_json: end['output_json'] ?? null, output_text: text }, program);
      const { message = how } = (end['error'] ?? {}) as { readonly message?: string };
      return draft.fail('skill-child-run-failed', `The workflow run "${child_run_id}" did not complete: ${message}`);
    }
    case 'skill_run.timer':
      return status === 'running' ? draft.fail('skill-run-timeout', `The run took longer than timeout_seconds (${state.created?.timeout_seconds ?? 0}).`) : [];
  }
}

/** Who waits for the run; and the child run and the question to a person that its step asks for, also when they are only about to be made. */
const linksOf = ({ created, current }: SkillRunState, { workspace_id, stream_id }: CommandMeta) => ({
  child_run_id: current?.kind === 'workflow' ? childRunId(stream_id) : null,
  parent: created?.parent ?? null,
  ...(current && askedWork(current.kind, current.request, workspace_id)),
});

/** The step that ends with the run. */
function stepOf({ current, retry }: SkillRunState) {
  const open = current ?? retry;
  return open && { step: namedStep(open) };
}

/** A decision in the making: the events so far and the state after them. */
class Draft {
  readonly events: SkillRunEvent[] = [];
  #state: SkillRunState;
  readonly #meta: CommandMeta;

  constructor(state: SkillRunState, meta: CommandMeta) {
    this.#state = state;
    this.#meta = meta;
  }

  emit(event: SkillRunEvent): void {
    this.events.push(event);
    this.#state = evolveSkillRun(this.#state, event);
  }

  /** With the step that could not be begun, where there is one. */
  fail(code: string, message: string, step_id?: string): readonly SkillRunEvent[] {
    return this.#fail({ code, message }, this.#state, step_id === undefined ? null : { step: { index: this.#state.results.length, step_id } });
  }

  #fail(error: SkillRunError, state: SkillRunState, unbegun: ReturnType<typeof stepOf> = null): readonly SkillRunEvent[] {
    this.emit({ type: 'skill_run.failed', data: { error, ...linksOf(state, this.#meta), ...(stepOf(this.#state) ?? unbegun) } });
    return this.events;
  }

  /** Begins the run, asks for its next step, or ends it. */
  goOn(program: SkillProgram): readonly SkillRunEvent[] {
    const { created, held, status, current, retry } = this.#state;
    if (!created || held || current || retry) return this.events;
    if (status === 'queued') {
      const due = new Date(Date.parse(this.#meta.now) + created.timeout_seconds * 1000);
      this.emit({ type: 'skill_run.started', data: { due_at: isPure(created.runtime_type) ? null : due.toISOString() } });
    }
    return this.begin(program);
  }

  /** Asks for the next step, for the first time or once more, or ends the run. */
  begin(program: SkillProgram): readonly SkillRunEvent[] {
    const { created, results, retry } = this.#state;
    const { workspace_id, stream_id } = this.#meta;
    const attempt = retry?.attempt ?? 1;
    const next = nextOf(this.#state, program, { workspace_id, stream_id, attempt });
    if ('failed' in next) return this.fail(next.failed.code, next.failed.message, next.failed.step_id);
    if ('output' in next) this.emit({ type: 'skill_run.completed', data: { ...next.output, parent: created?.parent ?? null } });
    else {
      const key = `${workspace_id}/skill_run/${stream_id}/${next.step.step_id}`;
      this.emit({ type: 'skill_run.step_started', data: { index: results.length, key, ...next.step, ...(attempt > 1 && { attempt }) } });
    }
    return this.events;
  }

  /** Turns what came of the step under way into events, and goes on. */
  conclude(outcome: NodeOutcome, program: SkillProgram): readonly SkillRunEvent[] {
    const { current } = this.#state;
    if (!current) return this.events;
    if (outcome.status === 'failed') return this.#failStep(current, outcome.error, program);
    if (outcome.status === 'waiting') {
      const { task_id } = outcome.wait.detail ?? {};
      if (current.kind === 'tool' && outcome.wait.for === 'human_task' && typeof task_id === 'string') {
        this.emit({ type: 'skill_run.step_asked', data: { ...namedStep(current), task_id } });
        return this.events;
      }
      if (current.kind !== 'workflow')
        return this.fail(
          'skill-step-waits',
          `Step "${current.step_id}" waits for a ${outcome.wait.for}, which steps of skills can't: use the workflow runtime.`,
        );
      this.emit({ type: 'skill_run.step_waiting', data: { index: current.index, step_id: current.step_id, child_run_id: childRunId(this.#meta.stream_id) } });
      return this.events;
    }
    const { output_json, output_text } = outcome;
    this.emit({ type: 'skill_run.step_completed', data: { ...namedStep(current), output_json, output_text } });
    return this.goOn(program);
  }

  /** Under the same key: if the call arrived after all, the receiver can say so instead of doing it again. */
  #failStep(started: StepStarted, { code, message, retryable, detail }: NodeError, program: SkillProgram): readonly SkillRunEvent[] {
    const { index, step_id } = started;
    const policy = retryOf(program.implementation, index);
    const attempt = attemptOf(started);
    const told = { code, message: `Step "${step_id}": ${message}`, ...(detail && { detail }) };
    // After a clear refusal nothing is there that was asked for.
    if (!retryable) return this.#fail(told, { ...this.#state, current: null });
    if (!policy || attempt >= policy.max_attempts) return this.#fail(told, this.#state);
    const asked = askedWork(started.kind, started.request, this.#meta.workspace_id);
    const delay = Math.min(policy.delay_ms * policy.factor ** (attempt - 1), policy.max_delay_ms);
    const due_at = new Date(Date.parse(this.#meta.now) + Math.ceil(delay)).toISOString();
    this.emit({ type: 'skill_run.step_retry_scheduled', data: { index, step_id, attempt: attempt + 1, due_at, error: told, ...asked } });
    return this.events;
  }

  /** A person has answered: the step is asked for with what was said, or ends with it. */
  resume(signal: JsonObject, program: SkillProgram): readonly SkillRunEvent[] {
    const { current } = this.#state;
    if (!current || current.kind === 'workflow' || !program.steps) return this.events;
    const { recovered: _, ...asked } = current;
    const outcome = program.steps.resume(current.kind, current.request, signal);
    if (outcome.status !== 'again') return this.conclude(outcome, program);
    this.emit({ type: 'skill_run.step_started', data: { ...asked, request: outcome.request } });
    return this.events;
  }

  /** A step whose holder died before it answered: begun again under the same key, or given up when that could do it twice. */
  recover({ steps }: SkillProgram): readonly SkillRunEvent[] {
    const { current } = this.#state;
    if (!current || isWaiting(this.#state)) return this.events;
    const recovered = (current.recovered ?? 0) + 1;
    if (current.kind !== 'workflow' && !steps?.repeatable(current.kind, current.request)) {
      return this.fail(
        'skill-outcome-unknown',
        `Step "${current.step_id}" was begun and its executor died: it may have been done, and is not to be done twice. Look outside.`,
      );
    }
    if (recovered > MAX_RECOVERIES) {
      return this.fail('crash-loop', `Step "${current.step_id}" was begun ${recovered} times and its executor died each time; look at what it asks for.`);
    }
    this.emit({ type: 'skill_run.step_started', data: { ...current, recovered } });
    return this.events;
  }
}

/** The rules of a skill run. Executor commands carry the program, so the decider itself needs nothing but its arguments. */
export const skillRunDecider: Decider<SkillRunState, SkillRunCommand, SkillRunEvent> = { initial: initialSkillRun, decide, evolve: evolveSkillRun };
