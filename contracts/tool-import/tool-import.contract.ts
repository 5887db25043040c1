import { z } from 'zod';
import { Code, defineContract, GetParams, Id, JsonObject, pageOf, PageParams, Time } from '../kit/index.ts';
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
  invoke_config_json: InvokeConfigJson,
  /** Whether the tool has to be made first. */
  is_new: z.boolean(),
  digest: z.string(),
});

/** An operation that did not become a tool. */
const Skipped = z.object({ operation: z.string(), reason: z.string() }).meta({ id: 'SkippedOperation' });
const counts = { unchanged: z.int(), removed: z.array(Code), skipped: z.array(Skipped) };

const events = {
  'tool_import.imported': {
    summary: 'A document was read; the tools in it that are new or differ from before follow as commands.',
    version: 1,
    data: z.object({ title: Title, document_version: Title, number: z.int().min(1), tools: z.array(ImportedTool), ...counts }),
  },
} as const;

export const ToolImportView = z
  .object({
    id: Id,
    workspace_id: z.string(),
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
          base_url: z.string().min(1).max(4000).optional().meta({ description: 'Instead of the first server of the document' }),
          headers: z
            .record(z.string().min(1).max(200), z.string().max(8000))
            .optional()
            .meta({ description: 'Sent with every call, e.g. {"authorization": "Bearer {{ secrets.shop }}"}' }),
          operations: z.array(z.string().max(200)).max(500).optional().meta({ description: 'operationIds to import; without it all' }),
        })
        .refine((data) => (data.document === undefined) !== (data.document_text === undefined), {
          path: ['document'],
          message: 'give either "document" or "document_text"',
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
