import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import { rejectionToFailure } from '@agent-platform/kernel/index';
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

/** Bodies by content type. JSON is read with the same limits as on NATS: size, depth, duplicate keys, unsafe numbers. */
export function installBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser);
  app.addContentTypeParser(YAML, { parseAs: 'string' }, (_request, body: string, done) => done(null, new TextBody(body)));
  // Forms are read by the routes that take them.
  void app.register(multipart);
}
