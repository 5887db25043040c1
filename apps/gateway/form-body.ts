import type { FastifyRequest } from 'fastify';
import type { MultipartFile } from '@fastify/multipart';
import { Failure } from '@agent-platform/kernel/index';
import { partTypes } from './part-types.ts';

/** A file that came with a request and is not kept yet. */
export class Upload {
  readonly bytes: Buffer;
  /** As it was sent: a name, or a path where a folder was sent. */
  readonly path: string | null;
  readonly media_type: string | null;
  constructor(bytes: Buffer, path: string | null, mediaType: string | null) {
    this.bytes = bytes;
    this.path = path?.toWellFormed().replaceAll('\0', '') ?? null;
    this.media_type = mediaType?.slice(0, 200) ?? null;
  }

  get name(): string | null {
    return this.path?.split(/[/\\]/).at(-1)?.slice(-255) ?? null;
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

/** A form as it was sent: its files, and its other fields in their order. */
export interface Form {
  readonly files: readonly Upload[];
  readonly texts: readonly (readonly [name: string, text: string])[];
}

/** What a form may hold: files, their bytes together, and what to do when it is more. */
export interface FormLimits {
  readonly files: number;
  readonly bytes: number;
  readonly remedy: string;
}

const FIELDS = 20;
const FIELD_BYTES = 100_000;

export const isForm = (request: FastifyRequest): boolean => request.isMultipart?.() === true;

/** Throws Failure('invalid') for a form that can't be read, or holds more than it may. */
export async function readForm(request: FastifyRequest, { files: most, bytes, remedy }: FormLimits): Promise<Form> {
  const files: Upload[] = [];
  const texts: [string, string][] = [];
  const types = partTypes(request);
  let left = bytes;
  const limits = { fileSize: bytes, files: most, fields: FIELDS, fieldSize: FIELD_BYTES, parts: most + FIELDS };
  try {
    // Names of files are paths where folders are sent.
    for await (const part of request.parts({ limits, preservePath: true })) {
      if (part.type !== 'file') texts.push([part.fieldname, String(part.value)]);
      else {
        const file = await uploadOf(part, types[files.length]);
        left -= file.bytes.length;
        if (left < 0) throw tooLarge(bytes, remedy);
        files.push(file);
      }
    }
  } catch (error) {
    throw formFailure(error, bytes, remedy);
  }
  return { files, texts };
}

/** With the type as its part names it, where that is this part's. */
async function uploadOf(part: MultipartFile, type = ''): Promise<Upload> {
  const same = type.toLowerCase().startsWith(part.mimetype);
  return new Upload(await part.toBuffer(), part.filename ?? null, same ? type : part.mimetype);
}

function formFailure(error: unknown, bytes: number, remedy: string): Failure {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(bytes, remedy);
  if (code === 'FST_FILES_LIMIT') return badForm('file', 'is there more often than allowed', remedy, error);
  if (code.endsWith('_LIMIT')) return badForm('', 'has more or longer fields than it may', remedy, error);
  return badForm('', 'can’t be read', `send multipart/form-data: ${remedy}`, error);
}

function tooLarge(bytes: number, remedy: string): Failure {
  const rule = `has more than ${bytes} bytes`;
  return new Failure('invalid', 'file-too-large', `file: ${rule}; ${remedy}.`, { status: 413, errors: [{ field: 'file', rule, remedy }] });
}

export const badForm = (field: string, rule: string, remedy: string, cause?: unknown): Failure =>
  new Failure('invalid', 'bad-form', `The form ${field === '' ? '' : `field "${field}" `}${rule}; ${remedy}.`, { errors: [{ field, rule, remedy }], cause });

/** The one file of a form. */
export function onlyFile({ files }: Form, remedy: string): Upload {
  const [file] = files;
  if (file && files.length === 1) return file;
  throw badForm('file', file ? `must be there once, not ${files.length} times` : 'is missing', remedy);
}
