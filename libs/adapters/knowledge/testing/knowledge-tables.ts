import type { DatabasePool } from 'slonik';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { documentFeature } from '@agent-platform/document/index';
import { encodeVector } from '@agent-platform/document/vector.text';
import type { LoggedEvent } from '@agent-platform/kernel/index';
import { logged } from '@agent-platform/kernel/testing/tables-of';
import { knowledgeBaseFeature } from '@agent-platform/knowledge-base/index';
import { type EmbeddingPort, spaceName } from '@agent-platform/ports/embedding.port';
import { ProjectionWriter } from '@agent-platform/runtime/project';
import { ensureReadModels } from '@agent-platform/runtime/read-models';

/** A document whose chunks are given, as its events would have brought it to the read models. */
export interface GivenDocument {
  readonly id: string;
  readonly base: string;
  readonly chunks: readonly string[];
  readonly metadata?: object;
  readonly embedding?: EmbeddingPort;
}

const chunking = { max_chars: 1000, overlap_chars: 150 };
const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never;

/** Read models of knowledge on a database of the test: makes the tables, and takes documents. */
export async function openKnowledgeTables(pool: DatabasePool) {
  const projections = [...knowledgeBaseFeature.projections, ...documentFeature.projections];
  await ensureReadModels(pool, projections);
  const writer = new ProjectionWriter(pool, 'live', quiet);
  let position = 0;

  async function apply(stream_id: string, events: readonly { type: string; data: object }[]): Promise<void> {
    const batch: LoggedEvent[] = events.map((event, index) => ({ ...logged(event, { stream_id }), version: index + 1, position: position + index + 1 }));
    position = await writer.apply(projections, position, batch);
  }

  return {
    base: (id: string) => apply(id, [{ type: 'knowledge_base.created', data: { code: id, name: id, description: null, chunking } }]),
    apply,
    async document({ id, base, chunks, metadata = {}, embedding = createHashEmbedding() }: GivenDocument): Promise<void> {
      const { vectors, space } = await embedding.embed(chunks, { signal: new AbortController().signal });
      const source = { source_type: 'text', source_url: null, content_text: 'x' };
      const made = { index_version: 1, knowledge_base_id: base, title: id, total: chunks.length, chunker_version: 'test' };
      await apply(id, [
        { type: 'document.created', data: { knowledge_base_id: base, title: id, ...source, metadata, chunking, index_version: 1 } },
        {
          type: 'document.chunks_embedded',
          data: {
            ...made,
            embedding_space: spaceName(space),
            dimensions: space.dimensions,
            fallback: null,
            chunks: chunks.map((text, at) => ({ position: at, start: 0, end: text.length, heading: null, text, embedding: encodeVector(vectors[at] ?? []) })),
          },
        },
        {
          type: 'document.indexed',
          data: {
            knowledge_base_id: base,
            index_version: 1,
            chunks: chunks.length,
            chunker_version: 'test',
            embedding_spaces: [spaceName(space)],
            fallback_used: false,
            dropped: [],
          },
        },
      ]);
    },
  };
}
