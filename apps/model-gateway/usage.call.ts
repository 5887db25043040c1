import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import type { BackendAnswer } from './backend.ts';
import { BUILT_IN_PROVIDER, type Served } from './served.ts';
import { type CallLabel, labelOf } from './call.label.ts';
import { OpenAiError } from './openai.error.ts';
import { type Counted, countTokens, UsageMeter } from './usage.meter.ts';
import type { Prices } from './usage.price.ts';
import type { RecordedCall, UsageRecorder } from './usage.recorder.ts';

/** A call as the caller asked for it. */
export interface AskedCall {
  readonly kind: 'chat' | 'embeddings' | 'rerank';
  readonly model: string;
  readonly stream: boolean;
  readonly body: object;
}

/** One call on its way: told of its answer, which it may wrap, or of its failure, and of its end. */
interface MeteredCall {
  readonly label: CallLabel;
  answered(answer: BackendAnswer): BackendAnswer;
  failed(error: unknown): void;
  ended(complete: boolean): void;
}

export type CallRecorder = (asked: AskedCall, headers: IncomingHttpHeaders) => MeteredCall;

const NOBODY: Counted = { prompt_tokens: 0, completion_tokens: 0, counted_by: 'nobody' };

/** Nobody answered, but somebody may have worked, and will say so on the bill. */
export const MAYBE_PAID: ReadonlySet<number> = new Set([499, 502, 504]);

interface Outcome {
  readonly answer: BackendAnswer | null;
  readonly served: Served | null;
  readonly status: number;
  /** What has been sent of the answer. */
  readonly text: () => string;
}

/** Records every call when it has ended: counting and pricing come after the answer, and delay nothing. Then budgets are settled. */
export function createCallRecorder(recorder: UsageRecorder | null, { price }: Pick<Prices, 'price'>): CallRecorder {
  return (asked, headers) => {
    const started = performance.now();
    const label = labelOf(headers);
    const { workspace_id, ...whose } = label;
    // A caller may leave before there is an answer: what becomes of the call is known only then.
    const { promise: outcome, resolve: came } = Promise.withResolvers<Outcome>();

    const record = async (complete: boolean, latency_ms: number): Promise<RecordedCall> => {
      const { answer, served, status, text } = await outcome;
      const answered = answer !== null && status < 400;
      const fromModel = answered && answer.from === undefined;
      const counted = fromModel ? await countTokens(asked.body, text()) : NOBODY;
      const free = !fromModel && !MAYBE_PAID.has(status);
      return {
        kind: asked.kind,
        model: asked.model,
        provider: served?.provider ?? null,
        provider_model: served?.model ?? null,
        status,
        complete,
        stream: asked.stream,
        ...counted,
        cost_usd: free ? '0' : fromModel && served ? await price(served, counted) : null,
        latency_ms,
        answered_from: answered ? (answer.from ?? 'model') : null,
        ...whose,
      };
    };

    const cameWith = (answer: BackendAnswer, text: () => string) =>
      came({ answer, served: answer.served ?? { provider: BUILT_IN_PROVIDER, model: asked.model }, status: answer.status, text });
    return {
      label,
      answered(answer) {
        const { body } = answer;
        if (typeof body === 'string' || (!recorder && !answer.hold)) {
          cameWith(answer, () => (typeof body === 'string' ? body : ''));
          return answer;
        }
        const meter = new UsageMeter();
        cameWith(answer, () => meter.text);
        // An error of the source ends the meter with it, and so the answer: nothing is to be done about it here.
        pipeline(body, meter, () => undefined);
        return { ...answer, body: meter };
      },
      failed(error) {
        const { status, served } = error instanceof OpenAiError ? error : { status: 500 };
        came({ answer: null, served: served ?? null, status, text: () => '' });
      },
      ended(complete) {
        const latency_ms = Math.round(performance.now() - started);
        void outcome.then(({ answer }) => {
          if (!recorder && !answer?.hold) return;
          const recorded = record(complete, latency_ms);
          recorder?.record(workspace_id, recorded);
          recorded.then(
            ({ prompt_tokens, completion_tokens, cost_usd }) => answer?.hold?.settle({ tokens: prompt_tokens + completion_tokens, usd: cost_usd ?? '0' }),
            () => answer?.hold?.settle({ tokens: 0, usd: '0' }),
          );
        });
      },
    };
  };
}
