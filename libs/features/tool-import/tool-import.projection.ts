import { readFileSync } from 'node:fs';
import { toolImportContract } from '@agent-platform/contracts/tool-import/tool-import.contract';
import type { Column, LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { ToolImportEvent } from './tool-import.state.ts';

/** Table `tool_imports`: what the last import of each source did, and what becomes of the last document that was named. */
export const toolImportProjection: Projection = {
  name: 'tool_import',
  version: 2,
  sql: readFileSync(new URL('./tool-import.sql', import.meta.url), 'utf8'),
  events: Object.keys(toolImportContract.events),
  project,
};

function project(event: ToolImportEvent & LoggedEvent): readonly RowChange[] {
  const { workspace_id, stream_id: id, version, time } = event;
  const row = (set: Readonly<Record<string, Column>>): RowChange[] => [{ table: 'tool_imports', key: { workspace_id, id }, set: { ...set, version } }];
  switch (event.type) {
    case 'tool_import.requested':
      return row({ status: 'fetching', document_url: event.data.document_url, error: null, created_at: time });
    case 'tool_import.fetch_started':
      return row({ status: 'fetching' });
    case 'tool_import.fetch_failed':
      return row({ status: 'failed', error: event.data.error });
    case 'tool_import.imported': {
      const { title, document_version, number, tools, unchanged, removed, skipped, fetch } = event.data;
      const changed = tools.map(({ code }) => code);
      const told = fetch === undefined ? { document_url: null, created_at: time } : { created_at: time };
      return row({ status: 'imported', error: null, title, document_version, number, changed, unchanged, removed, skipped, ...told });
    }
  }
}
