import { z } from 'zod';
import { nodeConfigs } from '@agent-platform/contracts/nodes/index';
import { jsonSchema } from '@agent-platform/graph/document';
import { createAsyncApi } from './asyncapi.ts';
import { createEnvExample } from './env-example.ts';
import { createOpenApi } from './openapi.ts';
import { createReference } from './reference.ts';

/** Folder that holds nothing but what is generated. */
export const GENERATED = 'contracts/generated';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated file: its path from the root of the repository, and what it must hold. */
export function createDocuments(): ReadonlyMap<string, string> {
  const nodes = Object.entries(nodeConfigs).map(
    ([type, config]) => [`${GENERATED}/nodes/${type}.schema.json`, json({ $id: `node-${type}`, ...z.toJSONSchema(config, { io: 'input' }) })] as const,
  );
  return new Map([
    [`${GENERATED}/openapi.json`, json(createOpenApi())],
    [`${GENERATED}/asyncapi.json`, json(createAsyncApi())],
    [`${GENERATED}/workflow.schema.json`, json(jsonSchema())],
    ...nodes,
    [`${GENERATED}/reference.md`, createReference()],
    ['.env.example', createEnvExample()],
  ]);
}
