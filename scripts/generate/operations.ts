import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import type { Contract, RouteContract } from '@agent-platform/contracts/kit/index';
import { Problem } from '@agent-platform/contracts/kit/index';
import type { GatewayRoute } from '@agent-platform/contracts/gateway/route';
import { answerOf } from './answer.ts';

const Workspace = z
  .string()
  .optional()
  .meta({
    description: 'Workspace; `public` without it. `x-tenant-id` and the query or body fields `workspace_id` and `tenant_id` mean the same.',
    example: 'acme',
    param: { id: 'workspace' },
  });
const RequestId = z
  .string()
  .optional()
  .meta({ description: 'Your id of the request; it becomes the correlation id of the events. One is made when it is absent.', param: { id: 'request_id' } });
const IdempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .meta({ description: 'The same key again means the same command: it is carried out once and answered alike.', param: { id: 'idempotency_key' } });
const Prefer = z.string().optional().meta({ description: '`wait=<seconds>`: how long to wait for the end', example: 'wait=10' });
const LastEventId = z.string().optional().meta({ description: 'Version of the last event you have' });
const Etag = z.string().meta({ description: 'Version of the stream after the write', header: { id: 'etag' } });
const Location = z.string().meta({ description: 'Where to read what was made', header: { id: 'location' } });
const EchoedId = z.string().meta({ description: 'Id of the request, also in problems and in the log', header: { id: 'request_id' } });

const OpenAiError = z
  .object({ error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }) })
  .meta({ id: 'OpenAiError' });

/** Everything that can go wrong, by status. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The input is not valid; `errors` names the fields',
  403: 'It is not for who asks',
  404: 'There is no such thing in the workspace',
  409: 'The state does not allow it, or the idempotency key was used for something else',
  413: 'The body is larger than 1 MB',
  415: 'The content type is not understood',
  426: 'It is a WebSocket, and the request asks for none',
  503: 'Something needed is away; try again after `retry-after` seconds',
  500: 'A fault on our side; the log has it under the request id',
};
const READ = [400, 404, 503, 500];
const SOCKET = [400, 403, 426, 503, 500];
const WRITE = [400, 404, 409, 413, 415, 503, 500];

const responses = new Map<number, ZodOpenApiResponseObject>();

/** One component for each status: the same object wherever it is used. */
function problemOf(status: number): ZodOpenApiResponseObject {
  const made = responses.get(status) ?? {
    id: `Problem${status}`,
    description: PROBLEMS[status] ?? '',
    content: { 'application/problem+json': { schema: Problem } },
  };
  responses.set(status, made);
  return made;
}
const problems = (statuses: readonly number[]): Record<string, ZodOpenApiResponseObject> =>
  Object.fromEntries(statuses.map((status) => [status, problemOf(status)]));

const openAiErrors = (): Record<string, ZodOpenApiResponseObject> =>
  Object.fromEntries(
    [400, 401, 402, 404, 429, 502, 503, 504].map((status) => [
      status,
      { description: 'In the dialect of OpenAI', content: { 'application/json': { schema: OpenAiError } } },
    ]),
  );

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

/** Commands whose body may also be a workflow document: as text, or as a file of a form. */
const WITH_DOCUMENT: ReadonlySet<string> = new Set(['workflow.create', 'workflow.update', 'workflow.create_version']);
const Form = z.object({ file: z.string().meta({ format: 'binary', description: 'One file, named .yaml, .yml or .json' }) });
const documentBodies = { 'application/yaml': { schema: z.string() }, 'multipart/form-data': { schema: Form } };

/** Commands that also take a file: as it is, its fields in the query, or in a form. */
const WITH_FILE: ReadonlySet<string> = new Set(['document.create', 'document.update']);
const File = z.string().meta({ format: 'binary', description: 'Text, markdown, HTML, CSV, PDF or DOCX; `source_type` is found out' });
const fileBodies = (fields: z.ZodType) => ({
  'multipart/form-data': { schema: z.intersection(fields, z.object({ file: File })) },
  'application/octet-stream': { schema: File },
});

/** Names of the path's parameters. */
export const pathParameters = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Splits an object of parameters, or of command data, into what stands in the path and the rest. */
function split(schema: z.ZodType | undefined, path: string): { path?: z.ZodObject; rest?: z.ZodType } {
  const names = pathParameters(path);
  if (schema === undefined) return {};
  if (!(schema instanceof z.ZodObject)) throw new Error(`${path}: parameters must be one object`);
  const mask = Object.fromEntries(names.map((name) => [name, true])) as Record<never, true>;
  // Asked for only where there is something to take out: objects with refinements can't be split.
  const rest = names.length === 0 ? schema : schema.omit(mask);
  const inPath = names.length === 0 ? undefined : z.object(Object.fromEntries(names.map((name) => [name, required(schema.shape[name], name, path)])));
  return { ...(inPath && { path: inPath }), ...((!(rest instanceof z.ZodObject) || Object.keys(rest.shape).length > 0) && { rest }) };
}

function required(field: unknown, name: string, path: string): z.ZodType {
  if (field instanceof z.ZodOptional) return field.unwrap() as z.ZodType;
  if (field instanceof z.ZodType) return field;
  throw new Error(`${path}: the parameter {${name}} is not among its fields`);
}

/** A route of a contract. Its name is the command's or the query's. */
export function contractOperation(contract: Contract, route: RouteContract, operationId: string): ZodOpenApiOperationObject {
  const write = route.command !== undefined;
  const subject = write ? contract.commands[route.command ?? ''] : contract.queries[route.query ?? ''];
  if (!subject) throw new Error(`${route.method} ${route.path} leads nowhere`);
  const { path, rest } = split('data' in subject ? subject.data : subject.params, route.path);
  const waits = route.command === 'run.create' || route.command === 'tool_call.create';
  const headers = z.object({
    'x-workspace-id': Workspace,
    'x-request-id': RequestId,
    ...(write && { 'idempotency-key': IdempotencyKey }),
    ...(waits && { prefer: Prefer }),
  });
  const body = rest && {
    'application/json': { schema: rest, ...example(subject, route) },
    ...(WITH_DOCUMENT.has(route.command ?? '') && documentBodies),
    ...(WITH_FILE.has(route.command ?? '') && fileBodies(rest)),
  };
  const status = route.status ?? 200;
  return {
    operationId,
    summary: subject.summary,
    tags: [contract.category],
    requestParams: { header: headers, ...(path && { path }), ...(!write && rest && { query: rest as z.ZodObject }) },
    ...(write && rest && body && { requestBody: { required: !acceptsNothing(rest), content: body } }),
    responses: {
      [status]: {
        description: write ? 'The entity as it now is, and its place in the log' : 'What the read model shows',
        headers: z.object({ 'x-request-id': EchoedId, ...(write && { etag: Etag }), ...(status === 201 && { location: Location }) }),
        content: json(answerOf(contract, route)),
      },
      ...(waits && {
        200: { description: 'With `Prefer: wait`: what it ended as', content: json(answerOf(contract, route)) },
        202: {
          description: 'With `Prefer: wait`: it has not ended in time; of a call of a tool also: a person has to approve it, `task_id`',
          content: json(answerOf(contract, route)),
        },
      }),
      ...problems(write ? WRITE : READ),
    },
  };
}

const acceptsNothing = (body: z.ZodType): boolean => body.safeParse({}).success;

function example(subject: object, route: RouteContract): { example?: unknown } {
  const data = 'example' in subject ? (subject.example as Record<string, unknown> | undefined) : undefined;
  if (!data) return {};
  const inPath = new Set(pathParameters(route.path));
  return { example: Object.fromEntries(Object.entries(data).filter(([name]) => !inPath.has(name))) };
}

/** A route of the gateway's own contract. */
export function gatewayOperation(name: string, route: GatewayRoute): ZodOpenApiOperationObject {
  const { path, rest } = split(route.params, route.path);
  const media = route.media ?? ['application/json'];
  const headers = z.object({
    ...(!route.root && { 'x-workspace-id': Workspace }),
    'x-request-id': RequestId,
    ...(route.method === 'POST' && name.startsWith('run.') && { 'idempotency-key': IdempotencyKey, prefer: Prefer }),
    ...(media.includes('text/event-stream') && route.method === 'GET' && { 'last-event-id': LastEventId }),
  });
  const content = Object.fromEntries(media.map((type) => [type, { schema: type === 'application/json' ? route.answer : z.string() }]));
  const also = Object.entries(route.also ?? {}).map(([status, schema]) => [
    status,
    { description: status === '202' ? 'Not ended yet' : 'Not ready', content: json(schema) },
  ]);
  return {
    operationId: name,
    summary: route.summary,
    tags: [name.split('.')[0] ?? ''],
    requestParams: { header: headers, ...(path && { path }), ...(rest && { query: rest as z.ZodObject }) },
    ...(route.body && {
      requestBody: { required: true, content: { ...json(route.body), ...(route.text_body && { [route.text_body]: { schema: z.string() } }) } },
    }),
    responses: {
      [route.status ?? 200]: { description: 'The answer', headers: z.object({ 'x-request-id': EchoedId }), content },
      ...(route.dialect === 'openai' ? openAiErrors() : problems(route.root ? [500] : route.status === 101 ? SOCKET : route.method === 'GET' ? READ : WRITE)),
      ...Object.fromEntries(also),
    },
  };
}
