import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryReadDecider, memoryReadView } from './memory-read.decider.ts';
import { memoryReadProjection } from './memory-read.projection.ts';

const read = { run_id: 'run-1', query: 'tea', memory_ids: ['m1', 'm2'] };
const record = { type: 'memory_read.record', data: { read_id: 'it', ...read } } as const;
const { given } = specFor(memoryReadDecider);

test('a search is recorded once, in one event', () => {
  given().when(record).then({ type: 'memory.read', data: read });
  given({ type: 'memory.read', data: read }).when(record).then();
  given({ type: 'memory.read', data: { ...read, run_id: 'run-2' } })
    .when(record)
    .thenRejected('memory-read-exists');
  expect([memoryReadView(null, 'it'), memoryReadView(read, 'it')]).toEqual([null, { id: 'it', ...read }]);
});

test('every memory of it has a row', () => {
  const row = { workspace_id: 'acme', read_id: 'r1', run_id: 'run-1', query: 'tea', read_at: '2026-01-01T00:00:01.000Z' };
  const { memory_reads } = tablesOf(memoryReadProjection, [{ type: 'memory.read', data: read }], { stream_id: 'r1' });
  expect(memory_reads).toEqual([
    { ...row, memory_id: 'm1' },
    { ...row, memory_id: 'm2' },
  ]);
});

test('running any command twice never appends twice', () =>
  neverAppendsTwice(
    memoryReadDecider,
    fc.constantFrom('run-1', 'run-2').map((run_id) => ({ ...record, data: { ...record.data, run_id } })),
  ));
