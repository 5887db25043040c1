import type { CompleteResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { asJsonSchema } from '@agent-platform/nodes/input-schema';
import type { Gateway } from '../gateway.ts';
import { publishedPrompt } from './prompts.ts';
import { listRuns, RUNS, RUN_TEMPLATE } from './resources.ts';

/** As many as the protocol allows. */
const MOST = 100;
const Values = z.object({
  properties: z.record(z.string(), z.looseObject({ enum: z.array(z.unknown()).default([]), examples: z.array(z.unknown()).default([]) })),
});

/** What a client asks for while somebody types. */
interface Typed {
  readonly ref: { readonly type: 'ref/prompt'; readonly name: string } | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
}

/**
 * What may stand in the place of an argument: the values and examples that the schema of a skill names, and the newest
 * runs. Throws Failure('missing') for a prompt that is not there; of other templates there is nothing to suggest.
 */
export async function complete(gateway: Gateway, workspaceId: string, { ref, argument }: Typed): Promise<CompleteResult> {
  const known = ref.type === 'ref/prompt' ? await valuesOf(gateway, workspaceId, ref.name, argument.name) : await runsFor(gateway, workspaceId, ref.uri);
  const fitting = known.filter((value) => value.toLowerCase().startsWith(argument.value.toLowerCase()));
  return { completion: { values: fitting.slice(0, MOST), total: fitting.length, hasMore: fitting.length > MOST } };
}

async function valuesOf(gateway: Gateway, workspaceId: string, name: string, argument: string): Promise<readonly string[]> {
  const { schema } = await publishedPrompt(gateway, workspaceId, name);
  const { properties = {} } = Values.safeParse(asJsonSchema(schema)).data ?? {};
  const property = Object.hasOwn(properties, argument) ? properties[argument] : undefined;
  return [...new Set([...(property?.enum ?? []), ...(property?.examples ?? [])].filter((value) => typeof value === 'string'))];
}

async function runsFor(gateway: Gateway, workspaceId: string, template: string): Promise<readonly string[]> {
  if (template !== RUN_TEMPLATE) return [];
  const { resources } = await listRuns(gateway, workspaceId);
  return resources.map(({ uri }) => uri.slice(RUNS.length));
}
