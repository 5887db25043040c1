import { randomUUID } from 'node:crypto';
import type { FileRef } from '@agent-platform/contracts/document/document.events';
import type { CommandAccepted } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { Gateway } from './gateway.ts';
import type { Upload } from './upload-body.ts';

/**
 * Asks for a command with a file that came along. Its bytes are kept before it is sent, so that whoever acts on it finds them: the
 * upload holds them until the document does, or until it is refused. What a gateway that dies leaves behind goes with a later upload.
 */
export async function askWithFile(
  { bytes, name, media_type }: Upload,
  workspaceId: string,
  { files, logger }: Pick<Gateway, 'files' | 'logger'>,
  ask: (file: FileRef) => Promise<CommandAccepted>,
): Promise<CommandAccepted> {
  const holder = `upload/${randomUUID()}`;
  const sha256 = await files.keep(workspaceId, holder, bytes);
  const letGo = () => files.release(workspaceId, holder, { except: null, before: null });
  const later = (error: unknown) => logger.warn({ error, holder }, 'an upload still holds its file; a later one lets go of it');
  try {
    const accepted = await ask({ sha256, bytes: bytes.length, name, media_type });
    await files.hold(workspaceId, accepted.id, sha256).then(letGo).catch(later);
    return accepted;
  } catch (error) {
    // Of anything else it is not known whether the command was carried out: the document may need its file.
    const refused = error instanceof Failure && error.kind !== 'transient' && error.kind !== 'fault';
    if (refused) await letGo().catch(later);
    throw error;
  }
}
