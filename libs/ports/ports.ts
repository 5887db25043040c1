import type { CodePort } from './code.port.ts';
import type { DatabasePort } from './database.port.ts';
import type { DocumentsPort } from './documents.port.ts';
import type { EmbeddingPort } from './embedding.port.ts';
import type { HttpPort } from './http.port.ts';
import type { KnowledgePort } from './knowledge.port.ts';
import type { MailPort } from './mail.port.ts';
import type { McpPort } from './mcp.port.ts';
import type { ModelPort } from './model.port.ts';

/** Everything outside that an executor may touch. */
export interface Ports {
  readonly model: ModelPort;
  readonly http: HttpPort;
  readonly embedding: EmbeddingPort;
  readonly knowledge: KnowledgePort;
  readonly documents: DocumentsPort;
  readonly code: CodePort;
  readonly mcp: McpPort;
  readonly database: DatabasePort;
  readonly mail: MailPort;
}
