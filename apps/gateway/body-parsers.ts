import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { Failure, rejectionToFailure } from '@agent-platform/kernel/index';
import { parseJson } from '@agent-platform/kernel/json-text';

/** A body that is not JSON: the routes that take documents know what to do with it. */
export class TextBody {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const YAML = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'];

/** JSON within the limits of commands. */
function jsonParser(_request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  if (body.length === 0) return done(null, undefined);
  const parsed = parseJson(body, { bytes: LIMITS.commandBytes, depth: LIMITS.jsonDepth });
  return parsed.ok ? done(null, parsed.value) : done(rejectionToFailure(parsed.rejection));
}

/** Nothing is unpacked here: a packed body is told as such before it is read. */
async function refusePacked({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  const encoding = headers['content-encoding']?.trim() ?? '';
  if (encoding === '' || encoding.toLowerCase() === 'identity') return;
  const rule = `is "${encoding.slice(0, 80)}", which is not taken here`;
  const remedy = 'send the body as it is, without the header';
  // What is taken instead (RFC 9110, 12.5.3).
  void reply.header('accept-encoding', 'identity');
  throw new Failure('invalid', 'content-encoding', `content-encoding: ${rule}; ${remedy}.`, {
    status: 415,
    errors: [{ field: 'header content-encoding', rule, remedy }],
  });
}

/** Bodies by content type. JSON is read with the same limits as on NATS: size, depth, duplicate keys, unsafe numbers. */
export function installBodyParsers(app: FastifyInstance): void {
  app.addHook('onRequest', refusePacked);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser);
  app.addContentTypeParser(YAML, { parseAs: 'string' }, (_request, body: string, done) => done(null, new TextBody(body)));
  // Forms are read by the routes that take them.
  void app.register(multipart);
}
