/** What one guest may use. */
export const GUEST_LIMITS = {
  /**
   * Bytes of data segment and private memory; processes and threads. Below 1 GiB V8 does not start; at it, array and
   * WebAssembly bombs die in under a second. Deno has threads of its own, more on bigger machines.
   */
  deno: { bytes: 1024 ** 3, processes: 256 },
  cpython: { bytes: 512 * 1024 ** 2, processes: 64 },
  /** The heap of V8, and the memory of Python inside Deno. */
  heapMegabytes: 512,
  pyodideBytes: 512 * 1024 ** 2,
  /** Bytes of each of stdout and stderr, and characters of the result as JSON. */
  outputBytes: 1_000_000,
  /** Bytes of one written file, and of the scratch folder. */
  fileBytes: 16 * 1024 ** 2,
  openFiles: 64,
  /** Characters of stderr that an outcome shows. */
  stderrExcerpt: 4_000,
} as const;
