import { z } from 'zod';

/** First line of what the guest is given; the bytes of the document follow. */
export interface GuestRequest {
  readonly source_type: 'pdf' | 'docx' | 'html' | 'csv';
  readonly media_type: string | null;
}

export const GuestAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), text: z.string(), pages: z.array(z.int()).nullable() }),
  z.object({
    ok: z.literal(false),
    code: z.enum(['file-empty', 'file-too-large', 'file-type', 'file-encoding', 'file-encrypted', 'file-damaged', 'file-no-text', 'file-too-complex']),
    rule: z.string(),
    remedy: z.string(),
  }),
]);
export type GuestAnswer =
  | { readonly ok: true; readonly text: string; readonly pages: readonly number[] | null }
  | { readonly ok: false; readonly code: string; readonly rule: string; readonly remedy: string };
