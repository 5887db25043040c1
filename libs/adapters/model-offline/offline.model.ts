import { Failure } from '@agent-platform/kernel/index';
import type { ChatRequest, ModelPort } from '@agent-platform/ports/model.port';
import { classify } from './classify.ts';
import { answer, summarize } from './extract.ts';
import { readTask } from './prompt.reader.ts';
import { countTokens } from './words.ts';

/** Name under which the offline model appears. */
export const OFFLINE_MODEL = 'offline';

/** The text for a request: a function of the request only. */
function write(request: ChatRequest): string {
  const task = readTask(request);
  switch (task.kind) {
    case 'classify':
      return classify(task.labels, task.text);
    case 'answer':
      return answer(task.question, task.passages);
    case 'summarize':
      return summarize(task.text, task.sentences) || 'There is nothing to summarize.';
    case 'reply':
      return `Thank you for your message. ${summarize(task.text, 1)}`.trim();
  }
}

/** Words with the space before them, so that the pieces joined give the text again. */
const pieces = (text: string): readonly string[] => text.match(/\s*\S+/g) ?? [];

/**
 * A small extractive model that needs no key and no network: it chooses labels, answers from given passages and
 * summarizes, by the words of the prompt (conventions in the README). The same request always gives the same reply.
 */
export function createOfflineModel(): ModelPort {
  return {
    // Async so that a failure is a rejection, as with every other model.
    async chat(request, { signal, onToken }) {
      if (signal.aborted) throw new Failure('transient', 'model-aborted', 'The model call was given up before its answer came.');
      const all = pieces(write(request));
      const limit = request.max_tokens ?? Number.POSITIVE_INFINITY;
      let text = '';
      let spent = 0;
      let cut = false;
      for (const piece of all) {
        spent += countTokens(piece);
        cut = spent > limit;
        if (cut) break;
        text += piece;
        onToken?.(piece);
      }
      return {
        text,
        model: OFFLINE_MODEL,
        finish_reason: cut ? 'length' : 'stop',
        usage: {
          prompt_tokens: request.messages.reduce((sum, { content }) => sum + countTokens(content), 0),
          completion_tokens: countTokens(text),
        },
      };
    },
  };
}
