import { z } from 'zod';
import { CodeResult, ExecuteCode } from '../code-execution/code-execution.contract.ts';
import { Id, LogRef } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

export const codeRoutes = defineRoutes({
  'code.execute': {
    method: 'POST',
    path: '/code/execute',
    summary: 'Run code in the sandbox and record that it ran. Code that fails is an answer too: look at `status` and `error`.',
    body: ExecuteCode,
    answer: z.object({ id: Id, workspace_id: z.string(), ...CodeResult.shape, log: LogRef }).meta({ id: 'ExecutedCode' }),
  },
});
