import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { BuiltinTool } from '@agent-platform/contracts/nodes/tool.config';
import { z } from 'zod';
import type { Builtin } from './builtin.ts';
import { calculator } from './calculator.builtin.ts';
import { currentTime } from './current-time.builtin.ts';
import { email } from './email.builtin.ts';
import { http } from './http.builtin.ts';
import { knowledgeSearch } from './knowledge-search.builtin.ts';
import { postgresQuery } from './postgres-query.builtin.ts';

/** The tools of the platform itself, by the names that workflows and models call them by. */
export const BUILTINS: Readonly<Record<BuiltinTool, Builtin>> = {
  calculator,
  current_time: currentTime,
  http,
  postgres_query: postgresQuery,
  email,
  knowledge_search: knowledgeSearch,
};

/** The built-in tools as models are told of them. */
export const builtinTools: readonly { readonly name: string; readonly description: string; readonly writes: boolean; readonly input_schema: JsonObject }[] =
  Object.entries(BUILTINS).map(([name, { description, writes, input }]) => ({
    name,
    description,
    writes,
    input_schema: z.toJSONSchema(input, { io: 'input' }) as JsonObject,
  }));
