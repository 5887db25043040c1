import { createHash } from 'node:crypto';
import type { AskedCall } from './usage.call.ts';

/**
 * Names what is asked, whoever asks: sha256 of the request with its keys in order and without those that are null. The model is the
 * one that answers when none is named; a stream is another request than an answer in one piece.
 */
export function digestOf(kind: AskedCall['kind'], model: string, body: object): string {
  return createHash('sha256')
    .update(canonical({ kind, body: { ...body, model, stream: 'stream' in body && body.stream === true } }))
    .digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const given = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  return `{${given
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`)
    .join()}}`;
}
