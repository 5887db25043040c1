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
