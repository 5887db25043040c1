import { z } from 'zod';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { NodeRegistry } from '@agent-platform/nodes/node';

/** A node type as the API shows it. */
export interface NodeTypeView {
  readonly type: string;
  /** All its names; the first is the canonical one. */
  readonly types: readonly string[];
  readonly kind: 'pure' | 'effect';
  readonly summary: string;
  /** JSON Schema of `config` as people write it. */
  readonly config_schema: JsonObject;
}

/** The node types of a registry, by name. */
export const nodeTypes = (nodes: NodeRegistry): readonly NodeTypeView[] =>
  [...new Set(nodes.values())]
    .map(({ types, kind, summary, config }) => ({
      type: types[0],
      types: [...types],
      kind,
      summary,
      config_schema: z.toJSONSchema(config, { io: 'input' }) as JsonObject,
    }))
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
