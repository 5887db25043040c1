import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type Cause, WorkspaceId } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import { Failure } from '@agent-platform/kernel/index';

declare module 'fastify' {
  interface FastifyRequest {
    /** For the request log; empty until the context was read. */
    workspaceId: string;
  }
}

/** What every request carries besides its own parameters. */
export interface RequestContext {
  readonly request_id: string;
  readonly workspace_id: string;
  readonly cause: Cause;
  /** From `Idempotency-Key`, and then the same key means the same command; without one, a fresh one. */
  readonly command_id: string;
}

const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,100}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const WORKSPACE_FIELDS = ['workspace_id', 'tenant_id'] as const;

/** The caller's `x-request-id` when it can be used, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUIDv7();
}

/** Reads the context. Body and query parameters lose their workspace fields. Throws Failure('invalid'). */
export function contextOf(request: FastifyRequest, body?: Record<string, unknown>): RequestContext {
  const workspace_id = workspaceOf(request, body);
  request.workspaceId = workspace_id;
  const traceparent = header(request, 'traceparent');
  const key = header(request, 'idempotency-key');
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    throw new Failure('invalid', 'bad-idempotency-key', 'The idempotency key can’t be used.', {
      errors: [{ field: 'header Idempotency-Key', rule: 'must be 1 to 200 visible ASCII characters', remedy: 'send a UUID' }],
    });
  }
  return {
    request_id: request.id,
    workspace_id,
    cause: {
      actor: 'http',
      correlation_id: request.id,
      ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
    },
    command_id: key === undefined ? randomUUIDv7() : deterministicUuid(`${workspace_id}/idempotency-key/${key}`),
  };
}

/** Header, then query, then body, then `public`. A body that names another workspace than the header is refused. */
function workspaceOf(request: FastifyRequest, body: Record<string, unknown> | undefined): string {
  const query = take(request.query as Record<string, unknown>);
  const outside = header(request, 'x-workspace-id') ?? header(request, 'x-tenant-id') ?? query;
  const inside = body ? take(body) : undefined;
  if (outside !== undefined && inside !== undefined && outside !== inside) {
    throw new Failure('invalid', 'workspace-mismatch', `The request is for workspace "${outside}", its body names "${inside}".`, {
      errors: [{ field: '/workspace_id', rule: 'must equal the workspace of the header or query', remedy: 'leave it out of the body' }],
    });
  }
  const parsed = WorkspaceId.safeParse(outside ?? inside ?? 'public');
  if (parsed.success) return parsed.data;
  throw new Failure('invalid', 'bad-workspace', 'The workspace can’t be used.', {
    errors: [{ field: 'header x-workspace-id', rule: parsed.error.issues[0]?.message ?? 'is not valid', remedy: 'use lower-case letters, digits, "-" or "_"' }],
  });
}

function take(fields: Record<string, unknown>): string | undefined {
  const found = WORKSPACE_FIELDS.map((name) => fields[name]).find((value) => value !== undefined);
  for (const name of WORKSPACE_FIELDS) delete fields[name];
  return found === undefined || typeof found === 'string' ? found : JSON.stringify(found);
}

export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
