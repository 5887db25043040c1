import { z } from 'zod';
import { Code, defineContract, GetParams, Id, JsonObject, JsonValue, pageOf, PageParams, Time } from '../kit/index.ts';
import { InvokeConfigJson } from '../tool/tool.contract.ts';

/** Short, because it begins the codes and ids of the tools that are made. */
const ImportId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,26}$/, 'must be 1 to 27 letters, digits, "-" or "_", and start with a letter or digit');
const Title = z.string().max(500);

const ImportedTool = z.object({
  tool_id: Id,
  code: Code,
  name: z.string().min(1).max(200),
  description: z.string().max(5000).nullable(),
  tool_version_id: Id,
  input_schema_json: JsonObject,
  output_schema_json: JsonObject.optional(),
  check_output: z.literal(false).optional(),
  invoke_config_json: InvokeConfigJson,
  /** Whether the tool has to be made first. */
  is_new: z.boolean(),
  digest: z.string(),
});

/** An operation that did not become a tool. */
const Skipped = z.object({ operation: z.string(), reason: z.string() }).meta({ id: 'SkippedOperation' });
const counts = { unchanged: z.int(), removed: z.array(Code), skipped: z.array(Skipped) };

const Url = z.string().min(1).max(8192);
const Headers = z.record(z.string().min(1).max(200), z.string().max(8000));
/** What an import makes of a document, besides the document. */
const how = {
  base_url: z.string().min(1).max(4000).optional(),
  headers: Headers.optional(),
  operations: z.array(z.string().max(200)).max(500).optional(),
  check_outputs: z.boolean().optional(),
};
const ImportError = z.object({ code: z.string(), message: z.string() }).meta({ id: 'ToolImportError' });

const events = {
  'tool_import.requested': {
    summary: 'A document was named by its address; it is fetched next.',
    version: 1,
    data: z.object({ document_url: Url, document_headers: Headers.optional(), ...how }),
  },
  'tool_import.fetch_started': {
    summary: 'The document is fetched: what will be sent is in the log before it is sent.',
    version: 1,
    data: z.object({ fetch: z.int().min(1), key: z.string(), request: JsonValue, recovered: z.int().optional() }),
  },
  'tool_import.fetch_failed': {
    summary: 'The document could not be fetched, or is none that tools can be made of. What was imported before stays.',
    version: 1,
    data: z.object({ fetch: z.int().min(1), error: ImportError }),
  },
  'tool_import.imported': {
    summary: 'A document was read; the tools in it that are new or differ from before follow as commands.',
    version: 1,
    data: z.object({ title: Title, document_version: Title, number: z.int().min(1), fetch: z.int().optional(), tools: z.array(ImportedTool), ...counts }),
  },
} as const;

export const ToolImportView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    status: z.enum(['fetching', 'imported', 'failed']).meta({ description: 'Of the last request' }),
    document_url: Url.nullable().meta({ description: 'Where the document was fetched last; null: it was given' }),
    error: ImportError.nullable().meta({ description: 'Why the last fetch led to nothing' }),
    title: Title,
    document_version: Title.meta({ description: 'info.version of the document' }),
    number: z.int().meta({ description: 'How often something was imported' }),
    changed: z.array(Code).meta({ description: 'Tools that the last import made, or gave a new version' }),
    unchanged: z.int(),
    removed: z.array(Code).meta({ description: 'Tools that the document does not have any more; they stay until somebody deletes them' }),
    skipped: z.array(Skipped).meta({ description: 'Operations that could not become tools' }),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
  })
  .meta({ id: 'ToolImport' });

export const toolImportContract = defineContract({
  category: 'tool_import',
  events,
  commands: {
    'tool_import.run': {
      summary: 'Make tools of the operations of an OpenAPI 3.0 or 3.1 document; again with the same id, only what changed gets a new version.',
      target: 'tool_import_id',
      creates: true,
      data: z
        .strictObject({
          tool_import_id: ImportId.meta({ description: 'Name of the source: the codes of its tools begin with it' }),
          document: JsonObject.optional(),
          document_text: z.string().max(900_000).optional().meta({ description: 'The document as JSON or YAML text' }),
          document_url: Url.optional().meta({ description: 'Where the document is; it is fetched in the background, at most 1 MB' }),
          document_headers: Headers.optional().meta({ description: 'Sent with that request, e.g. {"authorization": "Bearer {{ secrets.docs }}"}' }),
          base_url: how.base_url.meta({ description: 'Instead of the first server of the document' }),
          headers: how.headers.meta({ description: 'Sent with every call, e.g. {"authorization": "Bearer {{ secrets.shop }}"}' }),
          operations: how.operations.meta({ description: 'operationIds to import; without it all' }),
          check_outputs: how.check_outputs.meta({
            description:
              'true: a call fails whose answer is not what the document promises; else promised outputs are shown only, as documents are often wrong',
          }),
        })
        .refine((data) => [data.document, data.document_text, data.document_url].filter((one) => one !== undefined).length === 1, {
          path: ['document'],
          message: 'give one of "document", "document_text" and "document_url"',
        })
        .refine((data) => data.document_headers === undefined || data.document_url !== undefined, {
          path: ['document_headers'],
          message: 'are for fetching the document: give "document_url" too',
        }),
      example: {
        tool_import_id: 'shop',
        document: {
          openapi: '3.1.0',
          info: { title: 'Shop', version: '1' },
          servers: [{ url: 'https://shop.example' }],
          paths: { '/products': { get: { operationId: 'listProducts', responses: {} } } },
        },
      },
    },
  },
  queries: {
    'tool_import.get': { summary: 'What the last import of a source did.', params: z.object({ tool_import_id: Id, ...GetParams }), result: ToolImportView },
    'tool_import.list': { summary: 'Imports of tools, newest first.', params: z.object(PageParams), result: pageOf(ToolImportView) },
  },
  routes: [
    { method: 'POST', path: '/tools/imports', command: 'tool_import.run', status: 201 },
    { method: 'GET', path: '/tools/imports', query: 'tool_import.list' },
    { method: 'GET', path: '/tools/imports/{tool_import_id}', query: 'tool_import.get' },
  ],
});
