import { expect, test } from 'vitest';
import { summary } from './services-health.ts';

const answer = (pid: number, areas: string[], others: string[]) => ({ role: 'executor', host: 'a', pid, uptime_seconds: 1, latency_ms: pid, areas, others });

test('each process says what it serves, and together they leave nothing out', () => {
  expect(summary('executor', [answer(1, ['run'], ['human_task']), answer(2, ['human_task'], ['run'])])).toEqual({
    name: 'executor',
    status: 'up',
    instances: 2,
    latency_ms: 1,
    areas: ['run', 'human_task'],
    processes: [
      { host: 'a', pid: 1, uptime_seconds: 1, latency_ms: 1, areas: ['run'] },
      { host: 'a', pid: 2, uptime_seconds: 1, latency_ms: 2, areas: ['human_task'] },
    ],
  });
});

test('what no process serves is named', () => {
  expect(summary('executor', [answer(1, ['run'], ['human_task'])])).toMatchObject({
    status: 'up',
    unserved: ['human_task'],
    message: 'No executor works on human_task: what there is to do waits.',
  });
});

test('a role without areas has none, and one that does not answer is down', () => {
  const relay = summary('relay', [{ role: 'relay', host: 'a', pid: 1, uptime_seconds: 1, latency_ms: 1 }]);
  expect(Object.keys(relay)).toEqual(['name', 'status', 'instances', 'latency_ms', 'processes']);
  expect(summary('relay', [])).toMatchObject({ status: 'down', instances: 0, processes: [] });
});

test('what processes say of themselves is said once', () => {
  const health = summary('executor', [
    { ...answer(1, ['run'], ['job']), message: 'Embeddings: local.' },
    { ...answer(2, ['run'], ['job']), message: 'Embeddings: local.' },
  ]);
  expect(health.message).toBe('No executor works on job: what there is to do waits. Embeddings: local.');
});
