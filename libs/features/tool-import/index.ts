import type { EventEnvelope, JsonObject } from '@agent-platform/contracts/kit/index';
import { toolImportContract } from '@agent-platform/contracts/tool-import/tool-import.contract';
import { defineFeature, type Feature, type Policy } from '@agent-platform/kernel/index';
import { toolImportDecider, toolImportView } from './tool-import.decider.ts';
import { prepareToolImport } from './tool-import.prepare.ts';
import { toolImportProjection } from './tool-import.projection.ts';
import { toolImportQueries } from './tool-import.queries.ts';
import type { Imported, ToolImportCommand, ToolImportEvent, ToolImportState } from './tool-import.state.ts';

export { createToolImportExecutor } from './tool-import.executor.ts';

/** Tools and versions are made by commands of their own, whose ids follow from the import: the same again makes nothing. */
const makeTools: Policy = {
  triggers: [{ category: 'tool_import', type: 'tool_import.imported' }],
  react(event: EventEnvelope) {
    // The log holds what the contract promised.
    const { tools } = event.data as unknown as Imported;
    return tools.flatMap(
      ({ tool_id, code, name, description, tool_version_id, input_schema_json, output_schema_json, check_output, invoke_config_json, is_new }) => {
        const tool: JsonObject = { tool_id, code, name, tool_type: 'http', ...(description !== null && { description }) };
        // An object of JSON by its schema; only its optional fields keep TypeScript from seeing it.
        const version: JsonObject = {
          tool_id,
          tool_version_id,
          input_schema_json,
          ...(output_schema_json && { output_schema_json }),
          ...(check_output === false && { check_output }),
          invoke_config_json: invoke_config_json as JsonObject,
        };
        return [...(is_new ? [{ type: 'tool.create', data: tool }] : []), { type: 'tool.create_version', data: version }];
      },
    );
  },
};

/** Imports of tools from OpenAPI documents, one stream per source. */
export const toolImportFeature: Feature<ToolImportState, ToolImportCommand, ToolImportEvent> = defineFeature({
  contract: toolImportContract,
  decider: toolImportDecider,
  view: toolImportView,
  prepare: { 'tool_import.run': prepareToolImport },
  policies: [makeTools],
  projections: [toolImportProjection],
  queries: toolImportQueries,
});
