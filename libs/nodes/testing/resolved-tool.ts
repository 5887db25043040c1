import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { ResolvedTool } from '../node.ts';

/** A tool of which only the given configs matter; `binding` null: reached directly. */
export const resolvedTool = (invoke: JsonObject, binding: JsonObject | null = null, schema: JsonObject = {}): ResolvedTool => ({
  tool: { id: 'tool-1', code: 'search_products', name: 'Search Products' },
  version: { id: 'version-1', number: 1, input_schema_json: schema, invoke_config_json: invoke },
  binding: binding && { id: 'binding-1', config_json: binding },
});
