import type { FastifyInstance, FastifyRequest } from 'fastify';
import { recognize } from '@agent-platform/adapter-documents/index';
import { MAX_FILE_BYTES, SourceType } from '@agent-platform/contracts/document/document.events';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { Failure, rejectionToFailure } from '@agent-platform/kernel/index';
import { parseJson } from '@agent-platform/kernel/json-text';
import { YAML } from './body-parsers.ts';
import { badForm, isForm, onlyFile, readForm, Upload } from './form-body.ts';
import type { CommandBody } from './held-upload.ts';
import { header } from './request-context.ts';

/** Uploads read at a time: each lies in memory as a whole. */
const AT_ONCE = 8;
const FIELD_BYTES = 100_000;
const REMEDY = 'send multipart/form-data with one file, and knowledge_base_id as a field; split a large one into several documents';

/** Content types of the files that a scope takes besides forms, and what to send instead of others; what a file is, its bytes say. */
export interface TakenFiles {
  readonly types: RegExp;
  readonly remedy: string;
}

const DOCUMENTS: TakenFiles = {
  types: /^(text\/|application\/(x-pdf|pdf|csv|xhtml\+xml|octet-stream|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)\s*($|;))/i,
  remedy: 'send JSON, a form, or text, markdown, HTML, CSV, PDF or DOCX',
};

/** JSON and forms as everywhere, and anything else as a file. */
export function installUploadParsers(app: FastifyInstance, taken: TakenFiles = DOCUMENTS): void {
  app.removeContentTypeParser(YAML);
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_FILE_BYTES }, (request, body: Buffer, done) =>
    done(null, new Upload(body, nameOf(request), header(request, 'content-type') ?? null)),
  );
  let under = 0;
  // Before the body is read.
  app.addHook('onRequest', async (request, reply) => {
    const type = header(request, 'content-type');
    if (type === undefined || /^application\/json/i.test(type)) return;
    if (!/^multipart\/form-data/i.test(type) && !taken.types.test(type)) throw notTaken(type, taken);
    if (under >= AT_ONCE)
      throw new Failure('transient', 'uploads-busy', `${AT_ONCE} files are being taken in; send it again shortly.`, { retryAfterSeconds: 1 });
    under++;
    reply.raw.once('close', () => under--);
  });
}

function notTaken(type: string, { remedy }: TakenFiles): Failure {
  const rule = `is "${type.slice(0, 80)}", which is not taken here`;
  return new Failure('invalid', 'media-type', `content-type: ${rule}; ${remedy}.`, { status: 415, errors: [{ field: 'header content-type', rule, remedy }] });
}

export const isUpload = (request: FastifyRequest): boolean => request.body instanceof Upload || isForm(request);

/**
 * A document that came as a form, or as a file with its fields in the query. Of the file it is found out what it is.
 * Throws Failure('invalid'): what the form or the file breaks.
 */
export async function uploadedDocument(request: FastifyRequest): Promise<CommandBody> {
  const query = { ...(request.query as Record<string, unknown>) };
  for (const name of ['filename', 'workspace_id', 'tenant_id', ...Object.keys(request.params as object)]) delete query[name];
  const form =
    request.body instanceof Upload ? { files: [request.body], texts: [] } : await readForm(request, { files: 1, bytes: MAX_FILE_BYTES, remedy: REMEDY });
  const file = onlyFile(form, REMEDY);
  const fields = Object.fromEntries(form.texts);
  const given: Record<string, unknown> = { ...query, ...fields };
  const source_type = recognize({ bytes: file.bytes, name: file.name, media_type: file.media_type, source_type: typeOf(given['source_type']) });
  const metadata = given['metadata'] === undefined ? {} : { metadata: jsonField('metadata', given['metadata']) };
  const title = request.method === 'POST' && given['title'] === undefined && file.name ? { title: file.name.replace(/\.\w{1,10}$/, '') } : {};
  return {
    fields: { ...title, ...given, ...metadata, source_type },
    attached: { uploads: [file], fields: ([kept]) => ({ file: kept }), holder: ({ id }) => id },
  };
}

function typeOf(value: unknown): SourceType | null {
  if (value === undefined) return null;
  const parsed = SourceType.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badForm('source_type', `must be one of ${SourceType.options.join(', ')}`, 'leave it out: the file says what it is');
}

function jsonField(name: string, value: unknown): unknown {
  const parsed = parseJson(typeof value === 'string' ? value : '', { bytes: FIELD_BYTES, depth: LIMITS.jsonDepth });
  if (parsed.ok) return parsed.value;
  const { message } = rejectionToFailure(parsed.rejection);
  throw badForm(name, `must be JSON: ${message}`, 'send it as {"key": "value"}');
}

/** From the query, or as a browser's or curl's header has it. */
function nameOf(request: FastifyRequest): string | null {
  const { filename } = request.query as { filename?: unknown };
  if (typeof filename === 'string' && filename !== '') return filename;
  const disposition = header(request, 'content-disposition') ?? '';
  return /filename="([^"]{1,255})"/.exec(disposition)?.[1] ?? /filename=([^;\s"]{1,255})/.exec(disposition)?.[1] ?? null;
}
