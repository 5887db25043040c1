import type { FastifyRequest } from 'fastify';
import { Failure } from '@agent-platform/kernel/index';
import { TextBody } from './body-parsers.ts';
import { documentOf } from './document-body.ts';
import type { CommandBody } from './held-upload.ts';
import { importOf } from './import-body.ts';
import { skillFolder } from './skill-body.ts';
import { isUpload, uploadedDocument } from './upload-body.ts';

/** Commands whose body may also be a workflow document, as text or as a file. */
const WITH_DOCUMENT: ReadonlySet<string> = new Set(['workflow.create', 'workflow.update', 'workflow.create_version']);

/** Commands that may come with a file. */
const WITH_FILE: ReadonlySet<string> = new Set(['document.create', 'document.update']);

/** A write takes a JSON object, or nothing where all it needs is in the path. Throws Failure('invalid'). */
export async function bodyOf(request: FastifyRequest, type: string): Promise<CommandBody> {
  const { body } = request;
  const text = body instanceof TextBody ? body : null;
  if (!text && !isUpload(request)) return { fields: jsonObject(body) };
  if (WITH_DOCUMENT.has(type)) return { fields: await documentOf(request, text) };
  if (type === 'tool_import.run') return { fields: await importOf(request, text) };
  if (type === 'skill.import') return skillFolder(request);
  if (WITH_FILE.has(type)) return uploadedDocument(request);
  throw new Failure('invalid', 'media-type', 'This route takes a JSON object, or nothing; send it as application/json.', { status: 415 });
}

export function jsonObject(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return { ...(body as Record<string, unknown>) };
  throw new Failure('invalid', 'bad-body', 'The body must be a JSON object.', {
    errors: [{ field: '', rule: 'must be an object', remedy: 'send {"field": value}' }],
  });
}
