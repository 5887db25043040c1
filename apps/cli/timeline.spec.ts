import { expect, test } from 'vitest';
import type { EventEnvelope, JsonObject } from '@agent-platform/contracts/kit/index';
import { createColors } from './colors.ts';
import { Timeline } from './timeline.ts';

const START = Date.parse('2026-01-02T03:04:05.000Z');

/** The story of a run from `[milliseconds, type, data]`. */
function story(total: number, ...events: readonly (readonly [number, string, JsonObject])[]): { lines: string[]; timeline: Timeline } {
  const timeline = new Timeline(createColors(false), total);
  const envelope = (ms: number, type: string, data: JsonObject, version: number): EventEnvelope => ({
    id: '0198c2f0-7d1a-7c3e-9f00-1c2d3e4f5a6b',
    type,
    schema_version: 1,
    workspace_id: 'acme',
    category: 'run',
    stream_id: 'r',
    version,
    time: new Date(START + ms).toISOString(),
    actor: 'a',
    correlation_id: 'c',
    data,
  });
  return { timeline, lines: events.flatMap(([ms, type, data], index) => timeline.lines(envelope(ms, type, data, index + 1))) };
}

const llm = { node_id: 'draft', node_type: 'llm', attempt: 1 };

test('a run from its beginning to its end, with times and progress', () => {
  const { lines, timeline } = story(
    2,
    [0, 'run.created', { input: { q: 'hi' } }],
    [1, 'node.queued', llm],
    [10, 'node.started', { ...llm, key: 'k', request: {} }],
    [1210, 'node.completed', { ...llm, output_json: {}, output_text: 'Hello' }],
    [1210, 'node.skipped', { node_id: 'other', node_type: 'answer' }],
    [1220, 'run.completed', { output_text: 'Hello', output_json: null }],
  );
  expect(lines).toEqual(
    [
      '     0ms    0/2  ● run created        input {"q":"hi"}',
      '    10ms    0/2  ▶ draft            llm',
      '    1.2s    1/2  ✔ draft            llm               1.2s    Hello',
      '    1.2s    2/2  · other            answer            skipped',
      '    1.2s    2/2  ✔ run completed      Hello',
    ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/ +/g, ' +')}$`)) as string),
  );
  expect(timeline.status()).toBe('2/2');
});

test('what waits says what a person can do; what goes wrong says why', () => {
  const human = { node_id: 'ok', node_type: 'human', attempt: 1 };
  const { lines, timeline } = story(
    0,
    [0, 'run.created', { input: {} }],
    [5, 'node.started', { ...llm, key: 'k' }],
    [10, 'node.waiting', { ...human, wait: { for: 'human_task', detail: { task_id: 't-1' } }, due_at: '2026-01-03T00:00:00.000Z' }],
    [11, 'node.waiting', { ...human, node_id: 'w', wait: { for: 'signal', detail: { signal: 'paid' } } }],
    [20, 'node.retry_scheduled', { ...llm, attempt: 2, due_at: '2026-01-02T03:04:07.020Z', timer_id: 't', error: { code: 'http-status', message: '503' } }],
    [30, 'node.outcome_unknown', { ...llm, key: 'k' }],
    [40, 'run.failed', { error: { code: 'node-failed', message: 'no luck' }, open_tasks: [] }],
  );
  expect(lines[2]).toContain('waits for a person, until 2026-01-03T00:00:00.000Z: ap task complete t-1 --approve');
  expect(lines[3]).toContain('waits for the signal paid');
  expect(lines[4]).toContain('attempt 2 in 2.0s: http-status: 503');
  expect(lines[5]).toContain('ap run resolve');
  expect(lines[6]).toContain('run failed');
  expect(lines[6]).toContain('node-failed: no luck');
  expect(timeline.status()).toBe('0');
});

test('a text of a model can not move the cursor', () => {
  const { lines } = story(1, [0, 'run.completed', { output_text: 'x\u001b[2J', output_json: null }]);
  expect(lines[0]).not.toContain('\u001b');
});
