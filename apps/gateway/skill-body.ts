import type { FastifyRequest } from 'fastify';
import { readZip } from '@agent-platform/adapter-documents/zip.reader';
import { MAX_FILE_BYTES } from '@agent-platform/contracts/document/document.events';
import { Failure } from '@agent-platform/kernel/index';
import { readForm, Upload } from './form-body.ts';
import type { CommandBody } from './held-upload.ts';

const MANIFEST = 'SKILL.md';
const FILES = 500;
/** Characters of text that go into the event, and so to the model; what is longer is kept as a file. */
const LONGEST_TEXT = 100_000;
const MOST_TEXT = 300_000;
const REMEDY = 'send the folder as a zip archive, or each of its files with its path as the name of the file';
/** What packers for macOS and Windows leave in archives. */
const LITTER = /(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini)(\/|$)/;
const FIELDS: ReadonlySet<string> = new Set(['skill_id', 'code', 'workspace_id', 'tenant_id']);

/** A SKILL.md folder that came as a zip archive, or as a form with an archive or all of its files. Throws Failure('invalid'). */
export async function skillFolder(request: FastifyRequest): Promise<CommandBody> {
  const limits = { files: FILES, bytes: MAX_FILE_BYTES, remedy: REMEDY };
  const { files: sent, texts } = request.body instanceof Upload ? { files: [request.body], texts: [] } : await readForm(request, limits);
  const [first] = sent;
  if (!first) throw refuse('file', 'is missing', REMEDY);
  const zip = sent.length === 1 && first.bytes.subarray(0, 2).toString('latin1') === 'PK';
  const folder = withoutRoot(
    new Map((zip ? unzipped(first) : sent.map((file) => [pathOf(file.path ?? ''), file.bytes] as const)).filter(([path]) => !LITTER.test(path))),
  );
  const fields = [...Object.entries(request.query as object), ...texts].filter(([name]) => FIELDS.has(name));
  const { files, resources } = split(folder);
  const names = [...resources.keys()];
  return {
    fields: { ...Object.fromEntries(fields), files },
    attached: {
      uploads: [...resources].map(([path, bytes]) => new Upload(bytes, path, null)),
      fields: (kept) => (kept.length === 0 ? {} : { resources: Object.fromEntries(kept.map(({ sha256, bytes }, index) => [names[index], { sha256, bytes }])) }),
      holder: ({ id }) => `skill/${id}`,
    },
  };
}

function unzipped({ bytes }: Upload): (readonly [path: string, bytes: Buffer])[] {
  const taken = new Set<string>();
  return [...readZip(bytes, { entries: FILES, bytes: MAX_FILE_BYTES })].flatMap(({ name, mode, bytes: content }) => {
    const path = pathOf(decoded(name));
    const kind = mode & 0o170000;
    if (kind === 0o120000) throw refuse(path, 'is a symbolic link', 'put the file itself into the archive');
    if (path.endsWith('/')) return [];
    if (kind !== 0 && kind !== 0o100000) throw refuse(path, 'is no plain file', 'leave it out');
    if (taken.has(path)) throw refuse(path, 'is in the archive twice', 'pack the folder anew');
    taken.add(path);
    return [[path, content] as const];
  });
}

/** Where paths lead is checked with the folder as a whole; a backslash means a folder to some and a letter to others. */
function pathOf(path: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not be in a path
  if (/[\u0000-\u001f\\]/.test(path))
    throw refuse(JSON.stringify(path).slice(0, 100), 'has a backslash or a control character in its path', 'separate folders by "/"');
  return path.normalize('NFC');
}

function decoded(name: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name);
  } catch {
    throw refuse('file', 'has a path that is not UTF-8', 'pack the folder with a program that writes UTF-8 names');
  }
}

/** Archives mostly hold the folder itself: SKILL.md is looked for in it. */
function withoutRoot(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  if (files.has(MANIFEST)) return files;
  const [root] = [...files.keys()].flatMap((path) => /^([^/]+\/)SKILL\.md$/.exec(path)?.[1] ?? []);
  if (root === undefined || ![...files.keys()].every((path) => path.startsWith(root))) return files;
  return new Map([...files].map(([path, bytes]) => [path.slice(root.length), bytes]));
}

/** Texts that a model can read, byte for byte; and everything else. */
function split(folder: ReadonlyMap<string, Buffer>): { readonly files: Record<string, string>; readonly resources: ReadonlyMap<string, Buffer> } {
  const files: [string, string][] = [];
  const resources = new Map<string, Buffer>();
  let left = MOST_TEXT;
  // The manifest first: its text is needed whatever else there is.
  for (const [path, bytes] of [...folder].toSorted(([a], [b]) => Number(b === MANIFEST) - Number(a === MANIFEST))) {
    const text = path !== MANIFEST && bytes.length > LONGEST_TEXT ? null : textOf(bytes);
    if (text === null || text.length > left) resources.set(path, bytes);
    else {
      left -= text.length;
      files.push([path, text]);
    }
  }
  return { files: Object.fromEntries(files), resources };
}

function textOf(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

const refuse = (path: string, rule: string, remedy: string): Failure =>
  new Failure('invalid', 'skill-folder-invalid', `The folder is not a skill: ${path} ${rule}; ${remedy}.`, { errors: [{ field: path, rule, remedy }] });
