import type { JsonValue } from '@agent-platform/contracts/kit/index';

export interface CodeRequest {
  /** `python` or `javascript`; others are refused with `code-language-unsupported`. */
  readonly language: string;
  /** Source text. It finds `payload`, and leaves its answer in `result`. */
  readonly code: string;
  readonly input_json: JsonValue;
  /** Cut at the runner's maximum. */
  readonly timeout_ms: number;
}

/** Why a run gave no result: the guest's doing, so repeating it as it is changes nothing. */
export type CodeErrorCode =
  /** The time was over; everything was killed. */
  | 'code-timeout'
  /** Above the memory limit. */
  | 'code-memory'
  /** Printed, or left in `result`, more than the limit. */
  | 'code-output-too-large'
  /** Threw; `traceback` says where. */
  | 'code-exception'
  /** `result` is no JSON. */
  | 'code-result-not-json'
  /** Its process ended without a result. */
  | 'code-exited';

export interface CodeError {
  readonly code: CodeErrorCode;
  readonly message: string;
  /** Frames of the guest's own code, as its language writes them. */
  readonly traceback: string | null;
}

export interface CodeOutcome {
  readonly status: 'completed' | 'failed';
  /** What was left in `result`; null when nothing was. */
  readonly result_json: JsonValue;
  readonly error: CodeError | null;
  /** What was printed, as storable text. */
  readonly stdout: string;
  /** Beginning of what went to stderr. */
  readonly stderr_excerpt: string;
  /** The walls that stood around it, e.g. `bwrap+deno`, `deno`, `bwrap+cpython`, `pyodide`. */
  readonly tier: string;
  /** From the hand-over of the code to the end of its processes. */
  readonly duration_ms: number;
}

/**
 * Runs code of users where it can do no harm. Throws Failure: invalid `code-language-unsupported`; transient
 * `code-language-unavailable` (this runner has no sandbox for it), `code-runner-busy` (429, queue full) and
 * `code-runner-unavailable`. Pure: running the same again is harmless.
 */
export interface CodePort {
  run(request: CodeRequest, options: { readonly signal: AbortSignal }): Promise<CodeOutcome>;
}
