import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { fromKept, keepingAnswer, type KeptAnswer } from './answer.kept.ts';
import type { Backend, BackendAnswer } from './backend.ts';
import { OpenAiError } from './openai.error.ts';
import { digestOf } from './request.digest.ts';
import type { AskedCall } from './usage.call.ts';

/**
 * `replay` answers from the folder and asks nobody; `record` asks and writes what is answered; `fill` does the
 * first where there is a recording, else the second.
 */
export const RecordingMode = z.enum(['replay', 'record', 'fill']);
export type RecordingMode = z.output<typeof RecordingMode>;

/** One file: people read it, and may change the answer. */
const Recording = z.object({
  kind: z.enum(['chat', 'embeddings', 'rerank']),
  model: z.string(),
  request: z.json(),
  content_type: z.string(),
  provider: z.string().nullable(),
  provider_model: z.string().nullable(),
  /** A document, or the text of a stream. */
  answer: z.json(),
});

/** Answers requests from files that were written when they were answered by a model: for tests and replays without a network. */
export function createRecordedBackend(backend: Backend, { folder, mode }: { folder: string; mode: RecordingMode }, logger: FastifyBaseLogger): Backend {
  const recorded = async (
    kind: AskedCall['kind'],
    body: { readonly model?: string | null | undefined },
    ask: () => Promise<BackendAnswer>,
  ): Promise<BackendAnswer> => {
    const model = body.model || backend.defaultModel;
    const file = path.join(folder, `${digestOf(kind, model, body)}.json`);
    if (mode !== 'record') {
      const kept = await read(file);
      if (kept) return fromKept(kept, 'recording');
      if (mode === 'replay') throw missing(model, file);
    }
    const lost = (error: unknown) => logger.error({ err: error, file }, 'an answer could not be recorded');
    return keepingAnswer(await ask(), (kept) => kept && void write(file, kind, model, body, kept).catch(lost));
  };
  return {
    ...backend,
    chat: (body, call) => recorded('chat', body, () => backend.chat(body, call)),
    embeddings: (body, call) => recorded('embeddings', body, () => backend.embeddings(body, call)),
    rerank: (body, call) => recorded('rerank', body, () => backend.rerank(body, call)),
  };
}

const missing = (model: string, file: string) =>
  new OpenAiError(
    404,
    'recording_missing',
    `There is no recording of this request to the model "${model}": ${file} does not exist. Ask it once with AGENT_PLATFORM_MODEL_RECORDINGS_MODE=fill, or record.`,
  );

async function read(file: string): Promise<KeptAnswer | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, error);
  }
  let parsed: z.output<typeof Recording>;
  try {
    parsed = Recording.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(file, error);
  }
  const { content_type, answer, provider, provider_model } = parsed;
  return {
    contentType: content_type,
    text: typeof answer === 'string' ? answer : JSON.stringify(answer),
    served: provider !== null && provider_model !== null ? { provider, model: provider_model } : null,
  };
}

const unreadable = (file: string, cause: unknown) =>
  new OpenAiError(500, 'recording_unreadable', `The recording ${file} can not be read. Delete it and record it again.`, { cause });

async function write(file: string, kind: AskedCall['kind'], model: string, request: object, { contentType, text, served }: KeptAnswer): Promise<void> {
  const recording = {
    kind,
    model,
    request,
    content_type: contentType,
    provider: served?.provider ?? null,
    provider_model: served?.model ?? null,
    answer: contentType.includes('json') ? (JSON.parse(text) as unknown) : text,
  };
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(recording, null, 2)}\n`);
  await rename(unfinished, file);
}
