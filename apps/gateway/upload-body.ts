import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { recognize } from '@agent-platform/adapter-documents/index';
import { MAX_FILE_BYTES, SourceType } from '@agent-platform/contracts/document/document.events';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { Failure, rejectionToFailure } from '@agent-platform/kernel/index';
import { parseJson } from '@agent-platform/kernel/json-text';
import { header } from './request-context.ts';
import { jsonParser } from './body-parsers.ts';

/** A file that came with a request and is not kept yet. */
export class Upload {
  readonly bytes: Buffer;
  readonly name: string | null;
  readonly media_type: string | null;
  constructor(bytes: Buffer, name: string | null, mediaType: string | null) {
    this.bytes = bytes;
    this.name = name === null ? null : name.slice(-255).toWellFormed().replaceAll('\0', '');
    this.media_type = mediaType?.slice(0, 200) ?? null;
  }
}

/** Uploads read at a time: each lies in memory as a whole. */
const AT_ONCE = 8;
const FIELD_BYTES = 100_000;
/** Content types that a file may have; what it is, its bytes say. */
const TAKEN =
  /^(multipart\/form-data|text\/|application\/(x-pdf|pdf|csv|xhtml\+xml|octet-stream|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)\s*($|;))/i;

/** JSON as everywhere, a form with one file, and anything else as a file. */
export async function installUploadParsers(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: LIMITS.commandBytes }, jsonParser);
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_FILE_BYTES }, (request, body: Buffer, done) =>
    done(null, new Upload(body, nameOf(request), header(request, 'content-type') ?? null)),
  );
  await app.register(multipart, { limits: { fileSize: MAX_FILE_BYTES, files: 1, fields: 20, fieldSize: FIELD_BYTES, parts: 21 } });
  let under = 0;
  // Before the body is read.
  app.addHook('onRequest', async (request, reply) => {
    const type = header(request, 'content-type');
    if (type === undefined || /^application\/json/i.test(type)) return;
    if (!TAKEN.test(type)) throw notTaken(type);
    if (under >= AT_ONCE)
      throw new Failure('transient', 'uploads-busy', `${AT_ONCE} files are being taken in; send it again shortly.`, { retryAfterSeconds: 1 });
    under++;
    reply.raw.once('close', () => under--);
  });
}

function notTaken(type: string): Failure {
  const rule = `is "${type.slice(0, 80)}", which is no document`;
  const remedy = 'send JSON, a form, or text, markdown, HTML, CSV, PDF or DOCX';
  return new Failure('invalid', 'media-type', `content-type: ${rule}; ${remedy}.`, { status: 415, errors: [{ field: 'header content-type', rule, remedy }] });
}

export const isUpload = (request: FastifyRequest): boolean => request.body instanceof Upload || request.isMultipart?.() === true;

/**
 * Fields of a command that came as a form or beside a file in the query, with the file as `file`, of which it is known what it
 * is. Throws Failure('invalid'): what the form or the file breaks.
 */
export async function uploadedFields(request: FastifyRequest): Promise<Record<string, unknown>> {
  const query = { ...(request.query as Record<string, unknown>) };
  for (const name of ['filename', 'workspace_id', 'tenant_id', ...Object.keys(request.params as object)]) delete query[name];
  const { file, fields } = request.body instanceof Upload ? { file: request.body, fields: {} } : await readForm(request);
  const given: Record<string, unknown> = { ...query, ...fields };
  const source_type = recognize({ bytes: file.bytes, name: file.name, media_type: file.media_type, source_type: typeOf(given['source_type']) });
  const metadata = given['metadata'] === undefined ? {} : { metadata: jsonField('metadata', given['metadata']) };
  const title = request.method === 'POST' && given['title'] === undefined && file.name ? { title: file.name.replace(/\.\w{1,10}$/, '') } : {};
  return { ...title, ...given, ...metadata, source_type, file };
}

async function readForm(request: FastifyRequest): Promise<{ file: Upload; fields: Record<string, unknown> }> {
  const fields: Record<string, unknown> = {};
  let file: Upload | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') file = await uploadOf(part);
      else fields[part.fieldname] = part.value;
    }
  } catch (error) {
    throw formFailure(error);
  }
  if (file) return { file, fields };
  throw badForm('file', 'is missing', 'send multipart/form-data with one file, and knowledge_base_id as a field');
}

const uploadOf = async (part: MultipartFile): Promise<Upload> => new Upload(await part.toBuffer(), part.filename ?? null, part.mimetype);

function formFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_REQ_FILE_TOO_LARGE') {
    const rule = `has more than ${MAX_FILE_BYTES} bytes`;
    const remedy = 'split it into several documents';
    return new Failure('invalid', 'file-too-large', `file: ${rule}; ${remedy}.`, { status: 413, errors: [{ field: 'file', rule, remedy }] });
  }
  if (code === 'FST_FILES_LIMIT') return badForm('file', 'may be there once', 'send one file per request', error);
  if (code.endsWith('_LIMIT'))
    return badForm('', 'has more or longer fields than a document needs', 'send knowledge_base_id, title, metadata and the file', error);
  return badForm('', 'can’t be read', 'send multipart/form-data with one file', error);
}

const badForm = (field: string, rule: string, remedy: string, cause?: unknown): Failure =>
  new Failure('invalid', 'bad-form', `The form ${field === '' ? '' : `field "${field}" `}${rule}; ${remedy}.`, { errors: [{ field, rule, remedy }], cause });

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
