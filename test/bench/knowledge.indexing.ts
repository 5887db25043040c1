import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'slonik';
import { z } from 'zod';
import { createHashEmbedding } from '@agent-platform/adapter-embedding-hash/index';
import { localEmbedding } from '@agent-platform/adapter-embedding-local/index';
import { startInfrastructure } from '@agent-platform/embedded/index';
import { openPool } from '@agent-platform/event-log/index';
import type { EmbeddingPort } from '@agent-platform/ports/embedding.port';
import { openClient } from './client.ts';
import type { Show } from './emit.ts';
import { passage } from './knowledge.corpus.ts';
import { buildRoles, type RoleName, startRole } from './roles.ts';

const PASSAGES = 40;
const PATIENCE_MS = 240_000;

export interface IndexingOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly documents: number;
}

/** From the command that adds a document to the search that finds its last chunk, on the whole platform: commands, executor, relay, projector. */
export async function measureIndexing({ databaseUrl, dataDir, cacheDir, documents }: IndexingOptions, show: Show): Promise<void> {
  const servers = await startInfrastructure({ dataDir: `${dataDir}/indexing`, cacheDir, postgres: 'external', databaseUrl });
  const pool = await openPool(databaseUrl);
  try {
    buildRoles();
    const env = { AGENT_PLATFORM_DATABASE_URL: databaseUrl, AGENT_PLATFORM_NATS_URL: servers.natsUrl, AGENT_PLATFORM_EMBEDDING_PROVIDER: 'hash' };
    const roles = [
      await startRole('relay', env),
      ...(await Promise.all((['executor', 'commands', 'projector', 'scheduler'] satisfies RoleName[]).map((role) => startRole(role, env)))),
    ];
    const client = await openClient(servers.natsUrl);
    await client.command('knowledge_base.create', { knowledge_base_id: 'fresh', code: 'fresh', name: 'Fresh' });
    const began = performance.now();
    const add = async (n: number): Promise<void> => {
      const content_text = Array.from({ length: PASSAGES }, (_, at) => passage(1_000_000 + n * PASSAGES + at)).join('\n\n');
      await client.command('document.create', { document_id: `fresh-${n}`, knowledge_base_id: 'fresh', title: `Fresh ${n}`, content_text });
    };
    await Promise.all(Array.from({ length: documents }, (_, n) => add(n)));
    const chunks = await untilSearchable();
    show('indexing, from the command on', chunks / ((performance.now() - began) / 1000), `chunks/s (${documents} documents, ${chunks} chunks)`);
    await client.close();
    await Promise.all(roles.map((role) => role.kill()));
  } finally {
    await pool.end();
    await servers.stop();
  }

  async function untilSearchable(): Promise<number> {
    const Progress = z.object({ documents: z.number(), chunks: z.number() });
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(50)) {
      const found = await pool.one(sql.type(Progress)`
        select count(*)::float8 as documents, coalesce(sum(chunks_done), 0)::float8 as chunks
        from read_document.documents where knowledge_base_id = 'fresh' and search_version = 1`);
      if (found.documents === documents) return found.chunks;
    }
    throw new Error(`Not all documents were indexed after ${PATIENCE_MS / 1000} s.`);
  }
}

/** The embeddings alone, in one process: passages of about 500 characters. */
export async function measureEmbeddings(show: Show): Promise<void> {
  await rate('hash', createHashEmbedding(), 4_000);
  const local = localEmbedding();
  if (local.missing === null) await rate('local', local, 40);
  else process.stdout.write(`  local embedding: ${local.missing}\n`);

  async function rate(name: string, embedding: EmbeddingPort, count: number): Promise<void> {
    const signal = new AbortController().signal;
    const first = performance.now();
    await embedding.embed([passage(0)], { signal });
    show(`${name} embedding: first vector after`, performance.now() - first, 'ms');
    const texts = Array.from({ length: count }, (_, n) => passage(n));
    const began = performance.now();
    await embedding.embed(texts, { signal });
    show(`${name} embedding`, count / ((performance.now() - began) / 1000), 'chunks/s');
  }
}
