import type { Problem } from '@agent-platform/contracts/kit/index';
import { Failure, toProblem } from '@agent-platform/kernel/index';
import { EXIT, type ExitCode, exitCodeOf } from './exit.code.ts';

/** A refusal or failure with the code that `ap` ends with. `problem` is what is told. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly problem: Partial<Problem> & Pick<Problem, 'title' | 'detail'>;
  readonly exit: ExitCode;

  constructor(problem: CliError['problem'], exit: ExitCode, cause?: unknown) {
    super(problem.detail, { cause });
    this.problem = problem;
    this.exit = exit;
  }
}

/** Wrong usage that only the command itself can find. */
export const usage = (detail: string): CliError => new CliError({ title: 'Usage', detail }, EXIT.usage);

export const unavailable = (detail: string, cause?: unknown): CliError => new CliError({ title: 'Unavailable', detail }, EXIT.unavailable, cause);

/** Whatever was thrown, as something to tell. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof Failure) return new CliError(toProblem(error), exitCodeOf(error.status), error);
  const detail = error instanceof Error ? error.message : String(error);
  return new CliError({ title: 'Failure', detail }, EXIT.failure, error);
}
