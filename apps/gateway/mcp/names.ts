import { Id } from '@agent-platform/contracts/kit/index';
import type { ListedTool } from './listed-tool.ts';

const CALLABLE = ['workflow', 'tool', 'skill'] as const;
export type Callable = (typeof CALLABLE)[number];

/** What a tool name of ours leads to. */
export type Named = { readonly kind: Callable; readonly id: string } | { readonly kind: 'get_run' };

/** Null: no tool of ours is called so. */
export function readName(name: string): Named | null {
  if (name === GET_RUN.name) return { kind: 'get_run' };
  const kind = CALLABLE.find((each) => name.startsWith(`${each}_`));
  const id = name.slice((kind?.length ?? 0) + 1);
  return kind !== undefined && Id.safeParse(id).success ? { kind, id } : null;
}

/** Asks again for a run that had not ended when its call was answered. */
export const GET_RUN: ListedTool = {
  name: 'get_run',
  title: 'Result of a run',
  description: 'Waits for the end of a run that an earlier call began, and answers with its result, or with where it is.',
  inputSchema: {
    type: 'object',
    properties: {
      run_id: { type: 'string', description: 'run_id of the earlier answer' },
      wait_seconds: { type: 'number', minimum: 0, maximum: 120, description: 'How long to wait for the end; 0: not at all' },
    },
    required: ['run_id'],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
};
