import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A file of a stranger, byte for byte; never shown by a browser as what the stranger says it is. */
export function sendFile(reply: FastifyReply, bytes: Uint8Array, { name, sha256 }: { readonly name: string | null; readonly sha256?: string }): FastifyReply {
  const digest = sha256 ?? createHash('sha256').update(bytes).digest('hex');
  return reply
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name ?? digest)}`)
    .header('x-content-type-options', 'nosniff')
    .header('etag', `"${digest}"`)
    .type('application/octet-stream')
    .send(bytes);
}
