import { randomUUID } from 'node:crypto';
import type { FileRef } from '@agent-platform/contracts/document/document.events';
import type { CommandAccepted } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import type { Gateway } from './gateway.ts';
import type { Upload } from './form-body.ts';

/** What a request asks for: fields of a command, and files beside them. */
export interface CommandBody {
  readonly fields: Record<string, unknown>;
  readonly attached?: Attached;
}

/** Files that came with a command. */
export interface Attached {
  readonly uploads: readonly Upload[];
  /** What the command says of them, in the same order. */
  fields(files: readonly FileRef[]): Record<string, unknown>;
  /** Who holds them once the command is accepted. */
  holder(accepted: CommandAccepted): string;
}

/**
 * Asks for a command with files that came along. Their bytes are kept before it is sent, so that whoever acts on it finds them: the
 * upload holds them until the document or the skill does, or until it is refused. What a gateway that dies leaves behind goes with a later upload.
 */
export async function askWithFiles(
  attached: Attached,
  workspaceId: string,
  { files, logger }: Pick<Gateway, 'files' | 'logger'>,
  ask: (fields: Record<string, unknown>) => Promise<CommandAccepted>,
): Promise<CommandAccepted> {
  const holder = `upload/${randomUUID()}`;
  const refs: FileRef[] = [];
  for (const { bytes, name, media_type } of attached.uploads)
    refs.push({ sha256: await files.keep(workspaceId, holder, bytes), bytes: bytes.length, name, media_type });
  const letGo = () => files.release(workspaceId, holder, { except: null, before: null });
  const later = (error: unknown) => logger.warn({ error, holder }, 'an upload still holds its file; a later one lets go of it');
  try {
    const accepted = await ask(attached.fields(refs));
    await Promise.all(refs.map(({ sha256 }) => files.hold(workspaceId, attached.holder(accepted), sha256)))
      .then(letGo)
      .catch(later);
    return accepted;
  } catch (error) {
    // Of anything else it is not known whether the command was carried out: the document may need its file.
    const refused = error instanceof Failure && error.kind !== 'transient' && error.kind !== 'fault';
    if (refused) await letGo().catch(later);
    throw error;
  }
}
