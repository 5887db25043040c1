import type { FastifyRequest } from 'fastify';
import { Failure } from '@agent-platform/kernel/index';
import type { FormBody } from './body-parsers.ts';
import { header } from './request-context.ts';

/** A form as it was sent: its files, and its other fields in their order. */
export interface Form {
  readonly files: readonly File[];
  readonly texts: readonly (readonly [name: string, text: string])[];
}

/** Reads a small form as a whole. Throws Failure('invalid') for one that can't be read. */
export async function readForm(request: FastifyRequest, { bytes }: FormBody): Promise<Form> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': header(request, 'content-type') ?? '' } })
    .formData()
    .catch((cause: unknown) => {
      throw new Failure('invalid', 'bad-form', 'The form can’t be read; send multipart/form-data with one file.', { cause });
    });
  const parts = [...form.entries()];
  return {
    files: parts.flatMap(([, value]) => (typeof value === 'string' ? [] : [value])),
    texts: parts.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  };
}
