/** Limits of everything that enters the platform. */
export const LIMITS = {
  /** Bytes of one command, on NATS and on HTTP. */
  commandBytes: 1_000_000,
  /** Nesting of JSON in commands, model replies and tool answers. */
  jsonDepth: 64,
  /** Event data above this many bytes lies in the payload table; the event holds a reference. */
  inlineBytes: 64 * 1024,
  /** Events of one command. */
  eventsPerAppend: 4096,
} as const;
