import type { FastifyRequest } from 'fastify';
import { Failure } from '@agent-platform/kernel/index';
import { FormBody, TextBody } from './body-parsers.ts';
import { documentOf } from './document-body.ts';
import { importOf } from './import-body.ts';
import { isUpload, uploadedFields } from './upload-body.ts';

/** Commands whose body may also be a workflow document, as text or as a file. */
const WITH_DOCUMENT: ReadonlySet<string> = new Set(['workflow.create', 'workflow.update', 'workflow.create_version']);

/** Commands that may come with a file. */
const WITH_FILE: ReadonlySet<string> = new Set(['document.create', 'document.update']);

/** A write takes a JSON object, or nothing where all it needs is in the path. Throws Failure('invalid'). */
export async function bodyOf(request: FastifyRequest, type: string): Promise<Record<string, unknown>> {
  const { body } = request;
  if (isUpload(request)) {
    if (WITH_FILE.has(type)) return uploadedFields(request);
    throw new Failure('invalid', 'media-type', 'This route takes no file; send a JSON object, or nothing.', { status: 415 });
  }
  if (body instanceof TextBody || body instanceof FormBody) {
    if (WITH_DOCUMENT.has(type)) return documentOf(request, body);
    if (type === 'tool_import.run') return importOf(request, body);
    throw new Failure('invalid', 'media-type', 'This route takes a JSON object; send it as application/json.', { status: 415 });
  }
  return jsonObject(body);
}

export function jsonObject(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return { ...(body as Record<string, unknown>) };
  throw new Failure('invalid', 'bad-body', 'The body must be a JSON object.', {
    errors: [{ field: '', rule: 'must be an object', remedy: 'send {"field": value}' }],
  });
}
