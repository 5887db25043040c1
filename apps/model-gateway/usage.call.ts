import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import type { BackendAnswer } from './backend.ts';
import { labelOf } from './call.label.ts';
import { type Counted, countTokens, UsageMeter } from './usage.meter.ts';
import { type Price, priceCall } from './usage.price.ts';
import type { RecordedCall, UsageRecorder } from './usage.recorder.ts';

/** A call as the caller asked for it. */
export interface AskedCall {
  readonly kind: 'chat' | 'embeddings';
  readonly model: string;
  readonly stream: boolean;
  readonly body: object;
}

/** One call on its way: told of its answer, which it may wrap, and of its end. */
interface MeteredCall {
  answered(answer: BackendAnswer): BackendAnswer;
  ended(complete: boolean, status: number): void;
}

export type CallRecorder = (asked: AskedCall, headers: IncomingHttpHeaders) => MeteredCall;

const NOBODY: Counted = { prompt_tokens: 0, completion_tokens: 0, counted_by: 'nobody' };

/** Nobody answered, but somebody may have worked, and will say so on the bill. */
const MAYBE_PAID = new Set([499, 502, 504]);

/** Records every call when it has ended: counting and pricing come after the answer, and delay nothing. */
export function createCallRecorder(recorder: UsageRecorder, prices: Readonly<Record<string, Price>>): CallRecorder {
  return (asked, headers) => {
    const started = performance.now();
    const { workspace_id, ...label } = labelOf(headers);
    let served: BackendAnswer['served'];
    let text: () => string = () => '';

    const record = async (complete: boolean, status: number): Promise<RecordedCall> => {
      const latency_ms = Math.round(performance.now() - started);
      const answered = served !== undefined && status < 400;
      const counted = answered ? await countTokens(asked.body, text()) : NOBODY;
      const free = served?.provider === 'built-in' || (!answered && !MAYBE_PAID.has(status));
      return {
        kind: asked.kind,
        model: asked.model,
        provider: served?.provider ?? null,
        provider_model: served?.model ?? null,
        status,
        complete,
        stream: asked.stream,
        ...counted,
        cost_usd: free ? '0' : answered ? await priceCall(prices, served?.provider ?? '', served?.model ?? '', counted) : null,
        latency_ms,
        ...label,
      };
    };

    return {
      answered(answer) {
        served = answer.served ?? { provider: 'built-in', model: asked.model };
        if (typeof answer.body === 'string') {
          const whole = answer.body;
          text = () => whole;
          return answer;
        }
        const meter = new UsageMeter();
        text = () => meter.text;
        // An error of the source ends the meter with it, and so the answer: nothing is to be done about it here.
        pipeline(answer.body, meter, () => undefined);
        return { ...answer, body: meter };
      },
      ended: (complete, status) => recorder.record(workspace_id, record(complete, status)),
    };
  };
}
