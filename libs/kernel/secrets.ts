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

const PREFIX = 'sealed.v1.';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const isSealed = (text: string): boolean => text.startsWith(PREFIX);

/**
 * AES-256-GCM whose nonce is an HMAC of place and text: a nonce comes twice only with the same text (the construction
 * of a synthetic IV, RFC 5297 and RFC 8452). Seals with the first key, opens with any.
 *
 * @param keys 32 bytes each, at least one
 */
export function createSecrets(keys: readonly [Uint8Array, ...Uint8Array[]]): Secrets {
  const pairs = keys.map((key) => ({ cipher: derived(key, 'cipher'), nonce: derived(key, 'nonce') }));
  const [first] = pairs as [(typeof pairs)[number]];

  const open: Secrets['open'] = (place, sealed) => {
    if (!isSealed(sealed)) return null;
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    for (const { cipher } of pairs) {
      const text = decrypted(cipher, associated(place), bytes);
      if (text !== null) return text;
    }
    return null;
  };
  return {
    open,
    seal(place, text) {
      if (open(place, text) !== null) return text;
      const about = associated(place);
      const nonce = createHmac('sha256', first.nonce).update(`${about.length}:`).update(about).update(text).digest().subarray(0, NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, first.cipher, nonce).setAAD(about);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
  };
}

const derived = (key: Uint8Array, use: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `agent-platform/secrets/${use}`, 32));

const associated = ({ workspace_id, name }: SecretPlace): Buffer => Buffer.from(JSON.stringify([workspace_id, name.toLowerCase()]));

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
