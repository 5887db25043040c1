import { readFileSync } from 'node:fs';
import { toolImportContract } from '@agent-platform/contracts/tool-import/tool-import.contract';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import type { ToolImportEvent } from './tool-import.decider.ts';

/** Table `tool_imports`: what the last import of each source did. */
export const toolImportProjection: Projection = {
  name: 'tool_import',
  version: 1,
  sql: readFileSync(new URL('./tool-import.sql', import.meta.url), 'utf8'),
  events: Object.keys(toolImportContract.events),
  project(event) {
    // The log holds what the contract promised.
    const { workspace_id, stream_id: id, version, time, data } = event as ToolImportEvent & LoggedEvent;
    const { title, document_version, number, tools, unchanged, removed, skipped } = data;
    const changed = tools.map(({ code }) => code);
    const set = { title, document_version, number, changed, unchanged, removed, skipped, version, created_at: time };
    return [{ table: 'tool_imports', key: { workspace_id, id }, set }];
  },
};
