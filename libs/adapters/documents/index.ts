import type { DatabasePool } from 'slonik';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';
import { createList } from './base.documents.ts';
import { createExtractor } from './extract.ts';
import { createFileStore } from './file.store.ts';

export { createFileStore } from './file.store.ts';
export { recognize } from './file.type.ts';

/** Files in Postgres, the documents of bases, and their texts taken out in processes of their own. Nothing is loaded or started before it is needed. */
export const createDocuments = (pool: () => DatabasePool): DocumentsPort => ({ ...createFileStore(pool), list: createList(pool), extract: createExtractor() });
