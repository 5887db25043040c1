import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { JsonObject } from '@agent-platform/contracts/kit/index';

/** A tool as MCP lists it. Names are made of ids, so they stay when names and codes change. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject & { readonly type: 'object' };
  /** Of the structured content of an answer; absent where answers are not checked. */
  readonly outputSchema?: JsonObject & { readonly type: 'object' };
  readonly annotations: ToolAnnotations;
}
