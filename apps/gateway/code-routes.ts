import type { FastifyInstance } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import { storableText } from '@agent-platform/kernel/index';
import { jsonObject } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { bodyAs, fastifyPath } from './parameters.ts';
import { LONG } from './pressure.ts';
import { contextOf } from './request-context.ts';
import { closedBy } from './run-end.ts';

/** Bytes of an error's message in the record. */
const MESSAGE_BYTES = 2_000;

/** `/code/execute`: the code runner runs it, then the execution is recorded. Code is pure: asking again runs it again. */
export function mountCodeRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { 'code.execute': route } = gatewayRoutes;
  app.post(fastifyPath(route.path), LONG, async (request, reply) => {
    const body = jsonObject(request.body);
    const context = contextOf(request, body);
    const { language, code, input_json, timeout_seconds } = bodyAs(route.body, body);
    const signal = AbortSignal.any([closedBy(reply), gateway.closing]);
    const outcome = await gateway.code.run({ language, code, input_json, timeout_ms: timeout_seconds * 1000 }, { signal });
    const { id, log } = await gateway.command(
      'code_execution.record',
      {
        language,
        code,
        timeout_seconds,
        status: outcome.status,
        error_code: outcome.error?.code ?? null,
        error_message: outcome.error && storableText(outcome.error.message, MESSAGE_BYTES).value,
        tier: outcome.tier,
        duration_ms: outcome.duration_ms,
        input_bytes: bytesOf(JSON.stringify(input_json)),
        result_bytes: bytesOf(JSON.stringify(outcome.result_json)),
        stdout_bytes: bytesOf(outcome.stdout),
      },
      context,
    );
    return reply.send({ id, workspace_id: context.workspace_id, ...outcome, log });
  });
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
