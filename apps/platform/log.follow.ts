import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { z } from 'zod';

const Line = z.object({
  level: z.string(),
  time: z.string(),
  service: z.string(),
  msg: z.string().default(''),
  error: z.object({ message: z.string() }).optional(),
});
const LOOK_EVERY_MS = 200;
const LARGEST_READ = 65_536;

/** Shows what is written to log files from now on, one readable line each, and keeps the process alive. Answers with the function that ends it. */
export function followLogs(files: readonly string[], show: (line: string) => void): () => void {
  const readers = files.map((file) => lineReader(file, (line) => show(readable(line))));
  const look = (): void => readers.forEach((read) => read());
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
  };
}

/** Keeps lines back until they are released, or dropped for good. */
export function heldBack(show: (line: string) => void = () => undefined): { show(line: string): void; drop(): void; release(): void } {
  let held: string[] | null = [];
  let dropped = false;
  return {
    show(line) {
      if (dropped) return;
      if (held) held.push(line);
      else show(line);
    },
    drop: () => void (dropped = true),
    release() {
      const lines = dropped ? null : held;
      held = null;
      lines?.forEach((line) => show(line));
    },
  };
}

function lineReader(file: string, onLine: (line: string) => void): () => void {
  const sizeOf = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let offset = sizeOf();
  let rest = '';
  return () => {
    const size = sizeOf();
    // The file is begun anew when it has grown large.
    if (size < offset) offset = 0;
    const buffer = Buffer.alloc(Math.min(size - offset, LARGEST_READ));
    if (buffer.length === 0) return;
    const handle = openSync(file, 'r');
    offset += readSync(handle, buffer, 0, buffer.length, offset);
    closeSync(handle);
    const lines = (rest + buffer.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    lines.filter((line) => line !== '').forEach(onLine);
  };
}

/** A JSON line of a role as people read it; anything else as it is. */
export function readable(line: string): string {
  try {
    const { level, time, service, msg, error } = Line.parse(JSON.parse(line));
    return `${time.slice(11, 19)} ${level.padEnd(5)} ${service}: ${msg}${error ? ` (${error.message})` : ''}`;
  } catch {
    return line;
  }
}
