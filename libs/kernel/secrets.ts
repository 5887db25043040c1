import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** Where a secret stands. Sealed for one place, it opens in no other workspace and under no other name. */
export interface SecretPlace {
  readonly workspace_id: string;
  /** Name of the header; case does not count. */
  readonly name: string;
}

/**
 * Keeps secrets out of what is recorded: the log never forgets, and is read by many. Sealing is a function of key, place
 * and text, so that a decider may do it and the same command twice records the same; two equal secrets of one place can
 * therefore be seen to be equal, and nothing else.
 */
export interface Secrets {
  /** Text that may be recorded. What is sealed already stays as it is when it opens here. */
  seal(place: SecretPlace, text: string): string;
  /** What was sealed; null when it is not sealed, was changed, or belongs to another place or platform. */
  open(place: SecretPlace, sealed: string): string | null;
}

/** `sealed.v2.<key id>.<text>`; of the first version, which named no key, `sealed.v1.<text>`. */
const SEALED = /^sealed\.(?:v1|v2\.([a-z0-9]{1,16}))\.([\w-]*)$/;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const isSealed = (text: string): boolean => text.startsWith('sealed.v1.') || text.startsWith('sealed.v2.');

/**
 * AES-256-GCM whose nonce is an HMAC of place and text: a nonce comes twice only with the same text (the construction
 * of a synthetic IV, RFC 5297 and RFC 8452). Seals with the first key; opens with the one that a sealed text names.
 *
 * @param keys 32 bytes each, at least one
 */
export function createSecrets(keys: readonly [Uint8Array, ...Uint8Array[]]): Secrets {
  const pairs = keys.map((key) => ({ id: keyId(key), cipher: derived(key, 'cipher'), nonce: derived(key, 'nonce') }));
  const [first] = pairs as [(typeof pairs)[number]];

  const open: Secrets['open'] = (place, sealed) => {
    const [, id, text = ''] = SEALED.exec(sealed) ?? [];
    const bytes = Buffer.from(text, 'base64url');
    for (const pair of pairs) {
      if (id !== undefined && pair.id !== id) continue;
      const opened = decrypted(pair.cipher, associated(place, id), bytes);
      if (opened !== null) return opened;
    }
    return null;
  };
  return {
    open,
    seal(place, text) {
      if (open(place, text) !== null) return text;
      const about = associated(place, first.id);
      const nonce = createHmac('sha256', first.nonce).update(`${about.length}:`).update(about).update(text).digest().subarray(0, NONCE_BYTES);
      return `sealed.v2.${first.id}.${encrypted(first.cipher, nonce, about, text).toString('base64url')}`;
    },
  };
}

/** A key under another one, as it may be stored beside what it opens. */
export function wrapKey(key: Uint8Array, under: Uint8Array): string {
  const nonce = createHmac('sha256', derived(under, 'wrap-nonce')).update(key).digest().subarray(0, NONCE_BYTES);
  return encrypted(derived(under, 'wrap'), nonce, WRAPPED, Buffer.from(key).toString('hex')).toString('base64url');
}

/** The key that was wrapped; null when it was by another one, or changed. */
export function unwrapKey(wrapped: string, under: Uint8Array): Uint8Array | null {
  const hex = decrypted(derived(under, 'wrap'), WRAPPED, Buffer.from(wrapped, 'base64url'));
  return hex === null ? null : Buffer.from(hex, 'hex');
}

const WRAPPED = Buffer.from('key');

/** A name for a key that tells nothing of it. */
export const keyId = (key: Uint8Array): string => derived(key, 'id').toString('hex').slice(0, 12);

const derived = (key: Uint8Array, use: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `agent-platform/secrets/${use}`, 32));

const associated = ({ workspace_id, name }: SecretPlace, id: string | undefined): Buffer =>
  Buffer.from(JSON.stringify([workspace_id, name.toLowerCase(), ...(id === undefined ? [] : [id])]));

function encrypted(key: Buffer, nonce: Uint8Array, about: Buffer, text: string): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(about);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypted(key: Buffer, about: Buffer, bytes: Buffer): string | null {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(about).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    // Not authentic: another key or place, or changed on the way.
    return null;
  }
}
