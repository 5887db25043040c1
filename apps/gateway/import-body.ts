import type { FastifyRequest } from 'fastify';
import { LIMITS } from '@agent-platform/contracts/kit/index';
import type { TextBody } from './body-parsers.ts';
import { badForm, onlyFile, readForm } from './form-body.ts';

/** Fields of an import that may stand beside its document, in a form or in the query. */
const TEXTS: ReadonlySet<string> = new Set(['tool_import_id', 'base_url', 'workspace_id', 'tenant_id']);
/** Those that are JSON. */
const JSONS: ReadonlySet<string> = new Set(['headers', 'operations', 'check_outputs']);

const EXAMPLES: Readonly<Record<string, string>> = { headers: '{"authorization": "Bearer {{ secrets.shop }}"}', check_outputs: 'true' };

const REMEDY = 'send the OpenAPI document as one file';

/** An OpenAPI document that came as a text, or as a file of a form, as the data of a command. Throws Failure('invalid'). */
export async function importOf(request: FastifyRequest, body: TextBody | null): Promise<Record<string, unknown>> {
  const query = fieldsOf(Object.entries(request.query as object));
  if (body) return { ...query, document_text: body.text };
  const form = await readForm(request, { files: 1, bytes: LIMITS.commandBytes, remedy: REMEDY });
  const { text } = onlyFile(form, REMEDY);
  const { texts } = form;
  const strangers = texts.filter(([name]) => !TEXTS.has(name) && !JSONS.has(name));
  const [stranger] = strangers;
  if (stranger) throw badForm(stranger[0].slice(0, 60), 'is no field of an import', `send ${[...TEXTS, ...JSONS].join(', ')}, and a file`);
  return { ...query, ...fieldsOf(texts), document_text: text };
}

function fieldsOf(given: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      if (TEXTS.has(name)) return [[name, value]];
      return JSONS.has(name) && typeof value === 'string' ? [[name, parsed(name, value)]] : [];
    }),
  );
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badForm(name, 'must be JSON', `write it like ${EXAMPLES[name] ?? '["listProducts"]'}`);
  }
}
