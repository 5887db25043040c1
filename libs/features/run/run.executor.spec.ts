import { describe, expect, it } from 'vitest';
import { evolveAllOfRun, initialRun, type RunEvent, type RunState } from './run.state.ts';
import { createRunExecutor } from './run.executor.ts';
import { programOf } from './testing/program.ts';
import type { Effect, EffectContext } from '@agent-platform/kernel/index';
import type { AnyNode, NodeOutcome } from '@agent-platform/nodes/node';

const keysSeen: string[] = [];
let answer: (context: EffectContext) => Promise<NodeOutcome>;

/** The effect type of the specs, with an outside that each test decides. */
function setUp(config: object = {}, more: object = {}) {
  const program = programOf({ a: ['effect', config, more] }, []);
  const source = program.nodes.get('a');
  if (source?.node?.kind !== 'effect') throw new Error('the specs have an effect type');
  const node: AnyNode = {
    ...source.node,
    perform: (_request, _ports, context) => {
      keysSeen.push(context.key);
      return answer(context);
    },
  };
  const nodes = new Map([['a', { ...source, node }]]);
  const executor = createRunExecutor({ registry: new Map(), ports: {} as never, tools: () => Promise.resolve(null), secrets: () => Promise.resolve(null) });
  const started = (attempt: number, request: object = { unsafe: false }): RunEvent => ({
    type: 'node.started',
    data: { node_id: 'a', node_type: 'effect', attempt, key: 'acme/r1/a', request: request as { unsafe: boolean } },
  });
  return { executor, started, effect: (event: RunEvent) => executor.effect(event, initialRun, { ...program, nodes }) as Effect };
}

const context = (effect: Effect, over: Partial<EffectContext> = {}): EffectContext => ({
  stream: { workspace_id: 'acme', category: 'run', stream_id: 'r1' },
  key: effect.key,
  correlation_id: 'c',
  signal: new AbortController().signal,
  timedOut: () => false,
  live: () => undefined,
  command: () => Promise.resolve(null),
  ...over,
});

describe('keys', () => {
  it('are one for all attempts outside, and apart inside, so that a late attempt is not taken for the next', async () => {
    const { executor, effect, started } = setUp();
    answer = async () => ({ status: 'completed', output_json: null, output_text: null });
    const effects = [effect(started(1)), effect(started(2))];
    keysSeen.length = 0;
    for (const each of effects) await executor.perform(each, context(each));
    expect(keysSeen).toEqual(['acme/r1/a', 'acme/r1/a']);
    expect(new Set(effects.map(({ key }) => key)).size).toBe(2);
    const running: RunState = evolveAllOfRun({ ...initialRun, status: 'running' }, [started(2)]);
    expect(executor.wanted(running)).toEqual(new Set([effects[1]?.key]));
  });
});

describe('a node that takes too long', () => {
  const late = { timedOut: () => true, signal: AbortSignal.abort() };

  it.each([
    ['may be repeated', false, undefined, true],
    ['must not be repeated', true, undefined, false],
    ['must not be repeated, but the workflow says so', true, 'repeat', true],
    ['may be repeated, but the workflow says no', false, 'stop', false],
  ])('%s', async (_, unsafe, on_unknown, retryable) => {
    const { executor, effect, started } = setUp({ unsafe }, { timeout_seconds: 5, ...(on_unknown !== undefined && { on_unknown }) });
    answer = async () => {
      throw new Error('aborted');
    };
    const one = effect(started(1, { unsafe }));
    expect(await executor.perform(one, context(one, late))).toMatchObject({
      type: 'run.record',
      data: { outcomes: [{ node_id: 'a', attempt: 1, outcome: { status: 'failed', error: { code: 'node-timeout', retryable } } }] },
    });
  });
});
