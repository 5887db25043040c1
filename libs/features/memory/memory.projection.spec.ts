import { MemoryView } from '@agent-platform/contracts/memory/memory.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { memoryProjection } from './memory.projection.ts';

const fields = {
  scope_type: 'team',
  scope_id: 't',
  memory_type: 'note',
  content_text: 'Tea',
  importance_score: 5,
  metadata_json: { a: 1 },
  source_run_id: 'run-1',
};
const created = { type: 'memory.created', data: { ...fields, expires_at: '2026-02-01T00:00:00.000Z' } };
const rows = (...more: { type: string; data: object }[]) => tablesOf(memoryProjection, [created, ...more], { stream_id: 'm1' })['memories'];

test('rows have the fields of the view', () => {
  const [row] = rows({ type: 'memory.updated', data: { content_text: 'Coffee', expires_at: null } }) ?? [];
  expect(MemoryView.parse(row)).toEqual({
    ...fields,
    id: 'm1',
    workspace_id: 'acme',
    content_text: 'Coffee',
    status: 'active',
    reason: null,
    created_by: 'user:ann',
    expires_at: null,
    version: 2,
    created_at: '2026-01-01T00:00:01.000Z',
    updated_at: '2026-01-01T00:00:02.000Z',
  });
});

test('what is over stays visible, what is deleted does not', () => {
  expect(rows({ type: 'memory.revoked', data: { reason: 'wrong' } })).toMatchObject([{ status: 'revoked', reason: 'wrong' }]);
  expect(rows({ type: 'memory.expired', data: { expires_at: '2026-02-01T00:00:00.000Z' } })).toMatchObject([{ status: 'expired' }]);
  expect(rows({ type: 'memory.deleted', data: {} }, { type: 'memory.updated', data: { content_text: 'late' } })).toEqual([]);
});
