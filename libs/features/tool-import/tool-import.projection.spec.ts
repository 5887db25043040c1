import { ToolImportView } from '@agent-platform/contracts/tool-import/tool-import.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { toolImportProjection } from './tool-import.projection.ts';

test('rows have the fields of the view, and tell of the last import', () => {
  const data = { title: 'Shop', document_version: '1', number: 1, tools: [{ code: 'shop.a' }], unchanged: 0, removed: [], skipped: [] };
  const events = [data, { ...data, number: 2, tools: [], unchanged: 1 }].map((each) => ({ type: 'tool_import.imported', data: each }));
  const { tool_imports } = tablesOf(toolImportProjection, events, { stream_id: 'shop' });
  expect(tool_imports).toHaveLength(1);
  expect(ToolImportView.parse(tool_imports?.[0])).toMatchObject({ id: 'shop', number: 2, changed: [], unchanged: 1, version: 2 });
});

test('a document that is fetched shows how far it is, and what was imported before stays', () => {
  const imported = { title: 'Shop', document_version: '1', number: 1, tools: [{ code: 'shop.a' }], unchanged: 0, removed: [], skipped: [] };
  const rowAfter = (...events: { type: string; data: object }[]) => {
    const [row] = tablesOf(toolImportProjection, events, { stream_id: 'shop' })['tool_imports'] ?? [];
    const defaults = { title: '', document_version: '', number: 0, changed: [], unchanged: 0, removed: [], skipped: [], document_url: null, error: null };
    return ToolImportView.parse({ ...defaults, ...row });
  };
  const requested = { type: 'tool_import.requested', data: { document_url: 'https://a.test/' } };
  const failed = { type: 'tool_import.fetch_failed', data: { fetch: 1, error: { code: 'http-status', message: 'no' } } };
  expect(rowAfter(requested)).toMatchObject({ status: 'fetching', document_url: 'https://a.test/', number: 0 });
  const before = { type: 'tool_import.imported', data: imported };
  expect(rowAfter(before, requested, failed)).toMatchObject({ status: 'failed', error: { code: 'http-status' }, changed: ['shop.a'], number: 1 });
  expect(rowAfter(requested, { type: 'tool_import.imported', data: { ...imported, fetch: 1 } })).toMatchObject({
    status: 'imported',
    document_url: 'https://a.test/',
  });
});
