/** What the exit code of `ap` means. Scripts depend on them: they never change. */
export const EXIT = { ok: 0, failure: 1, usage: 2, missing: 3, conflict: 4, unavailable: 5, runFailed: 6 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0  done
  1  failure, or refused
  2  wrong usage of the command line
  3  not found
  4  conflict: the state does not allow it
  5  unavailable: something needed does not answer
  6  the run failed or was cancelled`;

/** By the status of a problem. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 404) return EXIT.missing;
  if (status === 409) return EXIT.conflict;
  if (status === 429 || status === 502 || status === 503 || status === 504) return EXIT.unavailable;
  return EXIT.failure;
}
