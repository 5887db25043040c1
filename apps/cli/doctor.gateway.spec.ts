import { expect, test } from 'vitest';
import { readModelsFinding, roleFinding, type Service } from './doctor.gateway.ts';

const executor: Service = { name: 'executor', status: 'up', instances: 2, latency_ms: 1.4, areas: ['run', 'human_task'] };
const worker = (pid: number, ...areas: string[]) => ({ host: 'a', pid, areas });

test('processes that serve the same are one line', () => {
  const processes = [worker(1, 'run', 'human_task'), worker(2, 'run', 'human_task')];
  expect(roleFinding({ ...executor, processes })).toMatchObject({ status: 'ok', message: '2 running, answers in 1 ms; serves run, human_task' });
});

test('processes that serve different things are told apart', () => {
  const processes = [worker(1, 'run'), worker(2, 'run', 'human_task')];
  expect(roleFinding({ ...executor, processes })).toMatchObject({ message: '2 running, answers in 1 ms; a/1 serves run; a/2 serves run, human_task' });
});

test('what nobody serves is a warning with its remedy', () => {
  expect(roleFinding({ ...executor, areas: ['run'], unserved: ['human_task'], processes: [worker(1, 'run')] })).toEqual({
    check: 'role executor',
    status: 'warn',
    message: '2 running, answers in 1 ms; serves run; nobody serves human_task',
    remedy: 'Start one more with AGENT_PLATFORM_FEATURES=human_task, or without that setting.',
  });
});

test('a role without areas, and one that is down', () => {
  expect(roleFinding({ name: 'relay', status: 'up', instances: 1, latency_ms: 0.2, processes: [{ host: 'a', pid: 1 }] })).toMatchObject({
    message: '1 running, answers in 0 ms',
  });
  expect(roleFinding({ name: 'relay', status: 'down', instances: 0, latency_ms: null, message: 'No relay role answers on NATS.' })).toMatchObject({
    status: 'fail',
    message: 'No relay role answers on NATS.',
  });
});

test('a read model that is far behind is told, one that is nearly there is not', () => {
  const items = (lag: number) => [
    { name: 'run', state: 'live', lag },
    { name: 'run', state: 'building', lag: 9_000 },
  ];
  expect(readModelsFinding({ head: 9_000, items: items(3) })).toMatchObject({ status: 'ok', message: '1 at the head of the log (9000)' });
  expect(readModelsFinding({ head: 9_000, items: items(2_000) })).toMatchObject({ status: 'fail', message: 'run is 2000 events behind' });
});
