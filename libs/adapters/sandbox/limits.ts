/** What one guest may use. */
export const GUEST_LIMITS = {
  /** Bytes of data segment and private memory. Below 1 GiB V8 does not start; at it, array and WebAssembly bombs die in under a second. */
  javascriptBytes: 1024 ** 3,
  pythonBytes: 512 * 1024 ** 2,
  /** Bytes of each of stdout and stderr, and characters of the result as JSON. */
  outputBytes: 1_000_000,
  /** Bytes of one written file, and of the scratch folder. */
  fileBytes: 16 * 1024 ** 2,
  openFiles: 64,
  /** Processes and threads. Deno has threads of its own, more on bigger machines. */
  javascriptProcesses: 256,
  pythonProcesses: 64,
  /** Characters of stderr that an outcome shows. */
  stderrExcerpt: 4_000,
} as const;
