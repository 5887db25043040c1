/** One try of a guest to get out, or to use up what it should not. */
export interface Attack {
  readonly id: string;
  /** `CANARY` is the path of a planted JSON file, `PORT` a listener of ours, `RUNNER` the pid of the runner. */
  readonly code: string;
  /** Milliseconds; default 1000. */
  readonly timeout?: number;
  /** Leaves in `result` what it got: anything but these is an escape. Absent: any failure or harmless result will do. */
  readonly gets?: readonly (string | number | boolean | null)[];
}

/** An attack that tries an expression and leaves 'out' when it worked; the wall is that it throws. */
export const refused = (id: string, expression: string): Attack => ({
  id,
  code: `try { await (${expression}); result = 'out'; } catch { result = 'in'; }`,
  gets: ['in', null],
});

/** The same in Python, of statements. */
export const refusedInPython = (id: string, ...statements: readonly string[]): Attack => ({
  id,
  code: `try:\n${statements.map((line) => `    ${line}`).join('\n')}\n    result = 'out'\nexcept BaseException:\n    result = 'in'`,
  gets: ['in', null],
});

/** An attack in JavaScript, by the JavaScript that Pyodide runs in. */
export const byPyodide = ({ id, code, ...rest }: Attack): Attack => ({
  id: `JavaScript: ${id}`,
  code: `from pyodide.code import run_js\nfrom pyodide.ffi import run_sync\nresult = run_sync(run_js(${JSON.stringify(`(async () => { let result; ${code}\n;return result; })()`)}))`,
  ...rest,
});
