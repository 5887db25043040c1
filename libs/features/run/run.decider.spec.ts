import { describe, expect, it } from 'vitest';
import { fold, isRejection } from '@agent-platform/kernel/index';
import { runDecider, type RunCommand } from './run.decider.ts';
import { initialRun, type RunEvent, type RunState } from './run.state.ts';
import { programOf } from './testing/program.ts';

const META = { command_id: 'c1', workspace_id: 'acme', stream_id: 'r1', now: '2026-01-01T00:00:00.000Z', actor: 'executor:1', correlation_id: 'k1' };
const PINNED = { workflow_id: 'w', workflow_version_id: 'v', number: 1, definition_version: 2 };

const command = (type: string, data: object = {}): RunCommand => ({ type, data, meta: META }) as RunCommand;

const created = (entry: string[], over: Partial<Extract<RunEvent, { type: 'run.created' }>['data']> = {}): RunEvent => ({
  type: 'run.created',
  data: {
    workflow: PINNED,
    app_id: null,
    app_version_id: null,
    session_id: null,
    input: {},
    entry: entry.map((node_id) => ({ node_id, node_type: 'any' })),
    initial_node: null,
    held: false,
    ...over,
  },
});

const queued = (node_id: string, node_type: string): RunEvent => ({ type: 'node.queued', data: { node_id, node_type } });

function decide(state: RunState, asked: RunCommand): { state: RunState; events: readonly RunEvent[]; seen: string[] } {
  const decision = runDecider.decide(asked, state);
  if (isRejection(decision)) throw new Error(decision.message);
  return {
    state: fold({ ...runDecider, initial: state }, decision),
    events: decision,
    seen: decision.map((event) => ('node_id' in event.data ? `${event.type} ${event.data.node_id}` : event.type)),
  };
}

const begun = (...history: RunEvent[]): RunState => fold(runDecider, history);

describe('run.create', () => {
  const data = { pinned: PINNED, entry: [{ node_id: 'a', node_type: 'llm' }], start: true, input: { a: 1 }, context: { b: 2 } };

  it('creates the run and queues its first nodes', () => {
    const { events, seen } = decide(initialRun, command('run.create', data));
    expect(seen).toEqual(['run.created', 'node.queued a']);
    expect(events[0]?.data).toMatchObject({ input: { a: 1, b: 2 }, workflow: PINNED });
  });

  it('holds a run that is not to be started yet, and starts it once', () => {
    const held = decide(initialRun, command('run.create', { ...data, start: false }));
    expect(held.seen).toEqual(['run.created']);
    const started = decide(held.state, command('run.start'));
    expect(started.seen).toEqual(['run.started', 'node.queued a']);
    expect(runDecider.decide(command('run.start'), started.state)).toMatchObject({ rejected: 'conflict' });
  });

  it('refuses a second run of the same id', () => {
    expect(runDecider.decide(command('run.create', data), begun(created(['a'])))).toMatchObject({ code: 'run-exists' });
  });
});

describe('advancing', () => {
  it('decides pure nodes that follow each other together, up to the end', () => {
    const program = programOf({ a: ['pure'], b: ['pure', { set: { n: 1 } }] }, [['a', 'b']]);
    const { seen, state } = decide(begun(created(['a']), queued('a', 'pure')), command('run.advance', { program }));
    expect(seen).toEqual(['node.started a', 'node.completed a', 'node.queued b', 'node.started b', 'node.completed b', 'run.completed']);
    expect(state).toMatchObject({ status: 'completed', vars: { n: 1 }, open: 0 });
  });

  it('asks for an effect and waits; asking again changes nothing', () => {
    const program = programOf({ a: ['effect'] }, []);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    expect(first.events).toEqual([
      { type: 'node.started', data: { node_id: 'a', node_type: 'effect', attempt: 1, key: 'acme/r1/a', request: { unsafe: false } } },
    ]);
    expect(decide(first.state, command('run.advance', { program })).events).toEqual([]);
  });

  it('appends an outcome and the next intent together, and takes a repeated outcome for nothing', () => {
    const program = programOf({ a: ['effect'], b: ['effect'] }, [['a', 'b']]);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const outcome = command('run.record', {
      program,
      outcomes: [{ node_id: 'a', attempt: 1, outcome: { status: 'completed', output_json: 1, output_text: null } }],
    });
    const second = decide(first.state, outcome);
    expect(second.seen).toEqual(['node.completed a', 'node.queued b', 'node.started b']);
    expect(decide(second.state, outcome).events).toEqual([]);
  });

  it('follows the edge of the route, skips the other branch and joins once', () => {
    const program = programOf({ a: ['pure', { route: 'true' }], b: ['pure'], c: ['pure'], d: ['pure'] }, [
      ['a', 'b', 'true'],
      ['a', 'c', 'false'],
      ['b', 'd'],
      ['c', 'd'],
    ]);
    const { seen } = decide(begun(created(['a']), queued('a', 'pure')), command('run.advance', { program }));
    expect(seen.filter((line) => line.startsWith('node.completed'))).toEqual(['node.completed a', 'node.completed b', 'node.completed d']);
    expect(seen).toContain('node.skipped c');
    expect(seen.at(-1)).toBe('run.completed');
  });

  it('begins parallel branches together and joins after the last', () => {
    const program = programOf({ a: ['pure'], b: ['effect'], c: ['effect'], d: ['pure'] }, [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ]);
    const first = decide(begun(created(['a']), queued('a', 'pure')), command('run.advance', { program }));
    expect(first.seen).toEqual(['node.started a', 'node.completed a', 'node.queued b', 'node.queued c', 'node.started b', 'node.started c']);
    const done = (node_id: string) =>
      command('run.record', { program, outcomes: [{ node_id, attempt: 1, outcome: { status: 'completed', output_json: 1, output_text: null } }] });
    const second = decide(first.state, done('c'));
    expect(second.seen).toEqual(['node.completed c']);
    expect(decide(second.state, done('b')).seen).toEqual(['node.completed b', 'node.queued d', 'node.started d', 'node.completed d', 'run.completed']);
  });

  it('begins at the named node and does not wait for what can’t be reached from it', () => {
    const program = programOf({ a: ['effect'], b: ['pure'], c: ['pure'] }, [
      ['a', 'c'],
      ['b', 'c'],
    ]);
    const state = begun(created(['b'], { initial_node: { node_id: 'b', node_type: 'pure' } }), queued('b', 'pure'));
    expect(decide(state, command('run.advance', { program })).seen.at(-1)).toBe('run.completed');
  });
});

describe('failing', () => {
  const failure = { status: 'failed', error: { code: 'http-status', message: '503', retryable: true } };

  it('schedules a retry with backoff as a durable timer, then fails the run', () => {
    const program = programOf({ a: ['effect', {}, { retry: { max_attempts: 2, delay_ms: 500 } }] }, []);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const retry = decide(first.state, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 1, outcome: failure }] }));
    expect(retry.events[0]).toMatchObject({ type: 'node.retry_scheduled', data: { attempt: 2, due_at: '2026-01-01T00:00:00.500Z' } });
    const again = decide(retry.state, command('run.timer', { program, node_id: 'a', attempt: 2 }));
    expect(again.events[0]).toMatchObject({ type: 'node.started', data: { attempt: 2, key: 'acme/r1/a' } });
    expect(decide(again.state, command('run.timer', { program, node_id: 'a', attempt: 2 })).events).toEqual([]);
    const end = decide(again.state, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 2, outcome: failure }] }));
    expect(end.seen).toEqual(['node.failed a', 'run.failed']);
  });

  it('keeps the key that the first attempt went out with, whatever release made it', () => {
    const program = programOf({ a: ['effect', {}, { retry: { max_attempts: 2, delay_ms: 500 } }] }, []);
    const started: RunEvent = {
      type: 'node.started',
      data: { node_id: 'a', node_type: 'effect', attempt: 1, key: 'acme/r1/a/1', request: { unsafe: false } },
    };
    const before = begun(created(['a']), queued('a', 'effect'), started);
    const retry = decide(before, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 1, outcome: failure }] }));
    const again = decide(retry.state, command('run.timer', { program, node_id: 'a', attempt: 2 }));
    expect(again.events[0]).toMatchObject({ data: { attempt: 2, key: 'acme/r1/a/1' } });
  });

  it('fails at once when the failure is not to be tried again', () => {
    const program = programOf({ a: ['effect', {}, { retry: { max_attempts: 5 } }] }, []);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const outcome = { status: 'failed', error: { code: 'bad', message: 'no', retryable: false } };
    expect(decide(first.state, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 1, outcome }] })).seen).toEqual([
      'node.failed a',
      'run.failed',
    ]);
  });

  it('leaves nothing behind that an attempt without a clear answer may have asked for, and says more of the failure', () => {
    const program = programOf({ a: ['skill'], b: ['skill'] }, []);
    const asks = (node_id: string): RunEvent => ({
      type: 'node.started',
      data: { node_id, node_type: 'skill', attempt: 1, key: `acme/r1/${node_id}`, request: { skill_run_id: `of-${node_id}` } },
    });
    const both = begun(created(['a', 'b']), queued('a', 'skill'), queued('b', 'skill'), asks('a'), asks('b'));
    const fail = (retryable: boolean) => {
      const error = { code: 'x', message: 'no', retryable, detail: { tier: 'deno' } };
      return decide(both, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 1, outcome: { status: 'failed', error } }] })).events;
    };
    const failed = { error: { code: 'x', message: 'no', node_id: 'a', detail: { tier: 'deno' } } };
    expect(fail(true)).toMatchObject([{ data: failed }, { type: 'run.failed', data: { open_skill_runs: ['of-a', 'of-b'] } }]);
    expect(fail(false)).toMatchObject([{ data: failed }, { type: 'run.failed', data: { open_skill_runs: ['of-b'] } }]);
  });

  it('takes a late outcome of a cancelled run for nothing', () => {
    const program = programOf({ a: ['effect'] }, []);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const cancelled = decide(first.state, command('run.cancel', { reason: 'enough' }));
    expect(cancelled.events).toMatchObject([{ type: 'run.cancelled', data: { open_nodes: [{ node_id: 'a', node_type: 'effect', attempt: 1 }] } }]);
    expect(decide(cancelled.state, command('run.record', { program, outcomes: [{ node_id: 'a', attempt: 1, outcome: failure }] })).events).toEqual([]);
  });
});

describe('recovery', () => {
  it('begins a repeatable effect again under the same key', () => {
    const program = programOf({ a: ['effect'] }, []);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const again = decide(first.state, command('run.recover', { program }));
    expect(again.events[0]).toMatchObject({ type: 'node.started', data: { key: 'acme/r1/a', attempt: 1, recovered: 1 } });
  });

  it('stops visibly before an effect that must not be repeated, and lets a person say what became of it', () => {
    const program = programOf({ a: ['effect', { unsafe: true }], b: ['pure'] }, [['a', 'b']]);
    const first = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));
    const unknown = decide(first.state, command('run.recover', { program }));
    expect(unknown.seen).toEqual(['node.outcome_unknown a']);
    const resolved = decide(unknown.state, command('run.resolve_node', { node_id: 'a', resolution: 'completed', output_json: { ok: true } }));
    expect(resolved.seen).toEqual(['node.resolved a', 'node.completed a']);
    expect(decide(resolved.state, command('run.advance', { program })).seen).toEqual(['node.queued b', 'node.started b', 'node.completed b', 'run.completed']);
    const retried = decide(unknown.state, command('run.resolve_node', { node_id: 'a', resolution: 'retry' }));
    expect(decide(retried.state, command('run.advance', { program })).events[0]).toMatchObject({ data: { key: 'acme/r1/a', attempt: 2 } });
    const over = decide(unknown.state, command('run.cancel', {}));
    expect(runDecider.decide(command('run.resolve_node', { node_id: 'a', resolution: 'failed' }), over.state)).toMatchObject({ code: 'run-ended' });
  });
});

describe('answers of people', () => {
  const program = programOf({ a: ['effect'] }, []);
  const asking = decide(begun(created(['a']), queued('a', 'effect')), command('run.advance', { program }));

  it('refuses one that overtakes the record of its question, so that it comes again', () => {
    expect(asking.seen).toEqual(['node.started a']);
    const early = runDecider.decide(command('run.resume', { program, node_id: 'a', attempt: 1, signal: {} }), asking.state);
    expect(early).toMatchObject({ rejected: 'conflict', code: 'node-not-waiting-yet' });
  });
});

describe('signals', () => {
  const program = programOf({ a: ['signal', { signal: 'paid' }] }, []);
  const waiting = decide(begun(created(['a']), queued('a', 'signal')), command('run.advance', { program }));

  it('parks in one append and goes on when the signal comes', () => {
    expect(waiting.seen).toEqual(['node.started a', 'node.waiting a']);
    const signalled = decide(waiting.state, command('run.signal', { name: 'paid', payload_json: { amount: 3 } }));
    expect(signalled.seen).toEqual(['run.signalled']);
    const end = decide(signalled.state, command('run.advance', { program }));
    expect(end.seen).toEqual(['node.completed a', 'run.completed']);
    expect(end.state.outputs['a']).toMatchObject({ output: { amount: 3 } });
    expect(decide(signalled.state, command('run.signal', { name: 'paid', payload_json: {} })).events).toEqual([]);
  });

  it('keeps a signal that comes early', () => {
    const early = decide(begun(created(['a']), queued('a', 'signal')), command('run.signal', { name: 'paid', payload_json: { amount: 4 } }));
    expect(decide(early.state, command('run.advance', { program })).seen).toEqual(['node.started a', 'node.waiting a', 'node.completed a', 'run.completed']);
  });
});
