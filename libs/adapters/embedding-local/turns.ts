import type { SentenceModel } from './sentence.model.ts';

/** Texts of one turn: about a tenth of a second, so that a short call does not wait long for a long one. */
const OF_A_TURN = 8;

interface Call {
  readonly texts: readonly string[];
  readonly signal: AbortSignal;
  readonly vectors: Float32Array[];
  done: number;
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Many calls, one model: turn by turn, the shortest call first and of equal ones the oldest. So the question of a search waits
 * for one turn of a document that is indexed, and not for the document; and of many documents the first are done first.
 * A call whose signal is aborted gets no further turn, and is rejected with the signal's reason.
 */
export function createTurns(model: Pick<SentenceModel, 'encode'>) {
  const calls: Call[] = [];
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    for (let call = next(); call; call = next()) await turn(call);
    busy = false;
  }

  function next(): Call | undefined {
    for (const call of calls.filter(({ signal }) => signal.aborted)) end(call, () => call.reject(call.signal.reason));
    return calls.reduce<Call | undefined>((best, call) => (best && best.texts.length <= call.texts.length ? best : call), undefined);
  }

  async function turn(call: Call): Promise<void> {
    try {
      call.vectors.push(await model.encode(call.texts.slice(call.done, call.done + OF_A_TURN)));
      call.done += OF_A_TURN;
      if (call.done >= call.texts.length) end(call, () => call.resolve(call.vectors));
    } catch (error) {
      end(call, () => call.reject(error));
    }
  }

  function end(call: Call, settle: () => void): void {
    calls.splice(calls.indexOf(call), 1);
    settle();
  }

  return (texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> =>
    new Promise((resolve, reject) => {
      calls.push({ texts, signal, vectors: [], done: 0, resolve, reject });
      if (!busy) void work();
    });
}
