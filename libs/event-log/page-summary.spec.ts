import { expect, test } from 'vitest';
import type { SequencedEvent } from './event-log.ts';
import { bitsOf, mayHold, PAGE, pageOf, PageSummary } from './page-summary.ts';

const events = (streams: number): SequencedEvent[] =>
  Array.from({ length: PAGE }, (_, i) => ({
    position: i + 1,
    id: `id-${i}`,
    stream: { workspace_id: `w${i % 3}`, category: 'run', stream_id: `run-${i % streams}` },
    version: 1,
    type: `node.t${i % 7}`,
    schema_version: 1,
    cause: { actor: 'executor:1', correlation_id: `request-${i % streams}` },
    time: new Date(1e12 + ((i * 7919) % PAGE)).toISOString(),
    json: '{}',
  }));
const summaryOf = (page: readonly SequencedEvent[]): PageSummary => {
  const summary = new PageSummary();
  for (const event of page) summary.add(event);
  return summary;
};

test('a page begins after a multiple of its size', () => {
  expect([1, PAGE, PAGE + 1, 2 * PAGE].map(pageOf)).toEqual([0, 0, 1, 1]);
});

test('the summary of a page has the marks of every event in it, and the time of the first and the last', () => {
  const page = events(200);
  const summary = summaryOf(page);
  const found = page.filter(({ stream, type, cause }) =>
    [{}, { type }, stream, cause, { ...stream, ...cause, type }].every((marks) => mayHold(summary, bitsOf({ ...marks, workspace_id: stream.workspace_id }))),
  );
  expect(found).toEqual(page);
  expect([summary.fromTime, summary.toTime]).toEqual([new Date(1e12).toISOString(), new Date(1e12 + PAGE - 1).toISOString()]);
});

test.each([
  [67, 0.001],
  [PAGE, 0.2],
])('of other marks it says in few cases that they may be there: %i streams in each of three workspaces', (streams, most) => {
  const summary = summaryOf(events(streams));
  const wrong = Array.from({ length: 10_000 }, (_, i) => mayHold(summary, bitsOf({ workspace_id: 'w1', correlation_id: `other-${i}` }))).filter(Boolean);
  expect(wrong.length / 10_000).toBeLessThanOrEqual(most);
});

test('a mark counts in its own field and workspace only', () => {
  const summary = summaryOf(events(5));
  const held = [
    { workspace_id: 'other' },
    { workspace_id: 'w1', actor: 'run-1' },
    { workspace_id: 'w1', type: 'run-1' },
    { workspace_id: 'w3', stream_id: 'run-1' },
  ];
  expect(held.map((marks) => mayHold(summary, bitsOf(marks)))).toEqual([false, false, false, false]);
});
