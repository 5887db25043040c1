import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { BindingConfigJson, InvokeConfigJson } from '@agent-platform/contracts/tool/tool.contract';
import type { z } from 'zod';
import type { NodeError, ResolvedTool } from './node.ts';
import { nodeError } from './outcome.ts';

/** What the node, the binding and the tool version say together, before templates are rendered. */
export interface ToolCall {
  readonly method: string;
  readonly url: string | undefined;
  readonly base_url: string | undefined;
  readonly path: string | undefined;
  readonly query: JsonObject;
  readonly body: JsonValue | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, JsonValue>>;
  readonly idempotent: boolean;
  readonly requires_approval: boolean;
  readonly approval_timeout_seconds: number | undefined;
}

type CallConfig = Pick<ToolConfig, 'url' | 'base_url' | 'path' | 'query' | 'body' | 'headers'>;

/**
 * The resolution order of HTTP tools. URL and path: node, then version. Base URL: node, binding, version. Method: the
 * version alone, GET by default. Query and body: the version's with the node's over it. Headers: version, binding, node,
 * the last one winning, names without regard to case.
 */
export function mergeCall(config: CallConfig, resolved: ResolvedTool | null): ToolCall | { readonly failed: NodeError } {
  const invoke = InvokeConfigJson.safeParse(resolved?.version.invoke_config_json ?? {});
  if (!invoke.success) return configError('invoke_config_json of the tool version', invoke.error);
  const binding = BindingConfigJson.safeParse(resolved?.binding?.config_json ?? {});
  if (!binding.success) return configError('config_json of the binding', binding.error);
  return {
    method: (invoke.data.method ?? 'GET').toUpperCase(),
    url: config.url ?? invoke.data.url,
    base_url: config.base_url ?? binding.data.base_url ?? invoke.data.base_url,
    path: config.path ?? invoke.data.path,
    query: { ...invoke.data.query, ...config.query },
    body: mergeBody(invoke.data.body, config.body),
    headers: mergeHeaders(invoke.data.headers, binding.data.headers, config.headers),
    idempotent: invoke.data.idempotent ?? false,
    requires_approval: invoke.data.requires_approval ?? false,
    approval_timeout_seconds: invoke.data.approval_timeout_seconds,
  };
}

const configError = (what: string, error: z.ZodError): { readonly failed: NodeError } => {
  const [issue] = error.issues;
  return {
    failed: nodeError('tool-config-invalid', `${what}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is invalid'}; make a new one that is right.`),
  };
};

/** Objects are merged name by name; anything else can only be replaced. */
function mergeBody(below: JsonValue | undefined, above: JsonValue | undefined): JsonValue | undefined {
  if (above === undefined) return below;
  return isObject(below) && isObject(above) ? { ...below, ...above } : above;
}

export function mergeHeaders(...layers: readonly (Readonly<Record<string, JsonValue>> | undefined)[]): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(layers.flatMap((layer) => Object.entries(layer ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)));
}

export const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
