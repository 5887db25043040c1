/**
 * The few pieces of the Postgres wire protocol 3.0 that sharing one session between many connections
 * needs. Source: PostgreSQL manual, "Message Formats" and "Message Flow".
 */

/** First packets have no type byte: a length, then one of these codes. */
export const StartupCode = { protocol3: 3, cancel: 80877102, ssl: 80877103, gss: 80877104 } as const;

const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');

/** A message of this type: type byte, length (which counts itself), body. */
export function message(type: string, ...body: readonly Buffer[]): Buffer {
  const size = body.reduce((sum, part) => sum + part.length, 4);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(size, 1);
  return Buffer.concat([head, ...body]);
}

/** A simple query. */
export const query = (sql: string): Buffer => message('Q', text(sql));
/** The end of an extended query. */
export const sync = (): Buffer => message('S');
/** Drops a prepared statement; no error when there is none. */
export const closeStatement = (name: string): Buffer => message('C', Buffer.from('S'), text(name));

/** Everything a client wants to hear after its first packet, ending in "ready, idle". */
export function welcome(pid: number, secret: number, settings: Readonly<Record<string, string>>): Buffer {
  const int32 = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return buffer;
  };
  return Buffer.concat([
    message('R', int32(0)),
    ...Object.entries(settings).map(([name, value]) => message('S', text(name), text(value))),
    message('K', int32(pid), int32(secret)),
    message('Z', Buffer.from('I')),
  ]);
}

/** An error that ends the connection. `code` is an SQLSTATE. */
export function fatal(code: string, reason: string): Buffer {
  const fields = { S: 'FATAL', V: 'FATAL', C: code, M: reason };
  const body = Object.entries(fields).map(([field, value]) => Buffer.concat([Buffer.from(field), text(value)]));
  return message('E', ...body, Buffer.from([0]));
}

/** Parameters of a startup packet's body, which begins with the protocol version. */
export function startupParameters(body: Buffer): Map<string, string> {
  const words = body.subarray(4).toString('utf8').split('\0');
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i] !== ''; i += 2) found.set(words[i] ?? '', words[i + 1] ?? '');
  return found;
}

/** 'I' idle, 'T' in a transaction, 'E' in a failed one; undefined when the answer does not end in "ready". */
export function readyStatus(answer: Uint8Array): 'I' | 'T' | 'E' | undefined {
  const tail = Buffer.from(answer.subarray(-6));
  if (tail.length < 6 || tail[0] !== 0x5a || tail.readInt32BE(1) !== 5) return undefined;
  const status = String.fromCharCode(tail[5] ?? 0);
  return status === 'I' || status === 'T' || status === 'E' ? status : undefined;
}

const cstringEnd = (frame: Buffer, from: number): number => frame.indexOf(0, from);

/**
 * The message with its prepared statement's name changed by `rename`, which is asked for named statements
 * only. Parse, Bind, Describe and Close carry such names; every other message comes back as it was.
 */
export function renameStatement(frame: Buffer, rename: (name: string, type: string) => string): Buffer {
  const type = String.fromCharCode(frame[0] ?? 0);
  let start: number;
  if (type === 'P') start = 5;
  else if (type === 'B') start = cstringEnd(frame, 5) + 1;
  else if ((type === 'D' || type === 'C') && frame[5] === 0x53) start = 6;
  else return frame;
  const end = cstringEnd(frame, start);
  if (end <= start) return frame;
  const name = rename(frame.toString('utf8', start, end), type);
  return message(type, frame.subarray(5, start), Buffer.from(name, 'utf8'), frame.subarray(end));
}

/** The SQL of a simple query message. */
export function simpleQueryText(frame: Buffer): string | undefined {
  return frame[0] === 0x51 ? frame.toString('utf8', 5, frame.length - 1) : undefined;
}
