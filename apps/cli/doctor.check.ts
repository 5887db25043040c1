import { CliError, toCliError } from './cli.error.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

/** One line of the doctor: what was looked at, how it is, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly status: Verdict;
  readonly message: string;
  readonly remedy?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });
export const warn = (check: string, message: string, remedy: string): Finding => ({ check, status: 'warn', message, remedy });
export const fail = (check: string, message: string, remedy: string): Finding => ({ check, status: 'fail', message, remedy });

/** Findings of a check; when it can't be made at all, that is the finding. */
export async function orFail(check: string, remedy: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { message } = error instanceof CliError ? error : toCliError(error);
    return [fail(check, message, remedy)];
  }
}
