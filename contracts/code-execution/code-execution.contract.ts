import { z } from 'zod';
import { defineContract, GetParams, Id, JsonValue, pageOf, PageParams, Time } from '../kit/index.ts';

const Count = z.int().min(0);
const Language = z.string().min(1).max(50);
const Status = z.enum(['completed', 'failed']);

/** Contents of `input_json`, `result_json` and output are counted, not kept: they may be large, and are the caller's business. */
const execution = {
  language: Language,
  code: z.string().min(1).max(100_000),
  timeout_seconds: z.number().positive(),
  status: Status,
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  /** Walls around the code, e.g. `bwrap+deno`. */
  tier: z.string(),
  duration_ms: z.number().min(0),
  input_bytes: Count,
  result_bytes: Count,
  stdout_bytes: Count,
};

const events = {
  'code_execution.finished': { summary: 'Code was run in the sandbox, with or without success.', version: 1, data: z.object(execution) },
} as const;

export const CodeExecutionView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    ...execution,
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'CodeExecution' });

/** What somebody wants to be run. */
export const ExecuteCode = z
  .strictObject({
    language: Language.meta({ description: 'python or javascript' }),
    code: execution.code.meta({ description: 'Finds `payload`, leaves its answer in `result`' }),
    input_json: JsonValue.default({}).meta({ description: 'The `payload`' }),
    timeout_seconds: z.number().positive().max(600).default(5).meta({ description: 'Cut at the maximum of the code runner' }),
  })
  .meta({ id: 'ExecuteCode' });

export const CodeResult = z
  .object({
    status: Status,
    result_json: JsonValue,
    error: z.object({ code: z.string(), message: z.string(), traceback: z.string().nullable() }).nullable(),
    stdout: z.string().meta({ description: 'What the code printed' }),
    stderr_excerpt: z.string(),
    tier: execution.tier,
    duration_ms: execution.duration_ms,
  })
  .meta({ id: 'CodeResult' });

const target = { code_execution_id: Id };

export const codeExecutionContract = defineContract({
  category: 'code_execution',
  events,
  commands: {
    'code_execution.record': {
      summary: 'Record that code was run: issued by the gateway, which ran it.',
      target: 'code_execution_id',
      creates: true,
      internal: true,
      data: z.strictObject({ code_execution_id: Id.optional(), ...execution }),
      example: {
        code_execution_id: 'code-execution-1',
        language: 'javascript',
        code: 'result = 1',
        timeout_seconds: 5,
        status: 'completed',
        error_code: null,
        error_message: null,
        tier: 'deno',
        duration_ms: 6.5,
        input_bytes: 2,
        result_bytes: 1,
        stdout_bytes: 0,
      },
    },
  },
  queries: {
    'code_execution.get': { summary: 'One execution of code.', params: z.object({ ...target, ...GetParams }), result: CodeExecutionView },
    'code_execution.list': {
      summary: 'Executions of code, newest first.',
      params: z.object({ ...PageParams, status: Status.optional(), language: Language.optional() }),
      result: pageOf(CodeExecutionView),
    },
  },
  routes: [
    { method: 'GET', path: '/code/executions', query: 'code_execution.list' },
    { method: 'GET', path: '/code/executions/{code_execution_id}', query: 'code_execution.get' },
  ],
});
