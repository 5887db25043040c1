import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { SkillResources } from '@agent-platform/contracts/skill/implementation';
import { readYaml } from '@agent-platform/graph/document-yaml';
import { reject, type Rejection } from '@agent-platform/kernel/index';
import { z } from 'zod';
import { badPath } from './skill.path.ts';
import { problemsBelow, type Problem } from './skill.problem.ts';
import type { SkillVersion } from './skill.state.ts';

/** What the front matter of a SKILL.md may say (https://agentskills.io/specification). */
const FrontMatter = z.looseObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case letters and digits, with single hyphens between them'),
  description: z.string().trim().min(1).max(1024),
  license: z.string().max(500).optional(),
  compatibility: z.string().max(500).optional(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  'allowed-tools': z.string().max(2000).optional(),
});

/** Above this a model would be told more than it can read. */
const MOST_CHARACTERS = 400_000;
const MANIFEST = 'SKILL.md';
const BEGIN = /^\uFEFF?---[ \t]*\r?\n/;
const END = /^---[ \t]*\r?$/m;

export interface ReadFolder {
  readonly name: string;
  readonly description: string;
  readonly version: Pick<SkillVersion, 'runtime_type' | 'parameter_schema_json' | 'output_schema_json' | 'implementation_json'>;
}

type Resources = z.output<typeof SkillResources>;

const refuse = (field: string, rule: string, remedy: string): Rejection => refuseAll([{ field, rule, remedy }]);
const refuseAll = (errors: readonly Problem[]): Rejection =>
  reject('invalid', 'skill-folder-invalid', `The folder is not a skill: ${errors[0]?.field ?? ''} ${errors[0]?.rule ?? ''}.`, errors);

/** Reads a folder of the open agent-skills format: SKILL.md with front matter and body, and the files beside it. */
export function readFolder(files: Readonly<Record<string, string>>, resources: Resources = {}): ReadFolder | Rejection {
  const text = files[MANIFEST];
  if (text === undefined) return refuse('/files', `has no ${MANIFEST}`, `put ${MANIFEST} at the top of the folder`);
  const bad = badPath([...Object.keys(files), ...Object.keys(resources)]);
  if (bad) return refuse(pointer(bad.path), bad.rule, bad.remedy);
  const size = Object.values(files).reduce((total, one) => total + one.length, 0);
  if (size > MOST_CHARACTERS)
    return refuse('/files', `have ${size} characters together, more than ${MOST_CHARACTERS}`, 'leave out what the model need not read');
  const split = splitManifest(text);
  if ('rejected' in split) return split;
  const { matter, body } = split;
  const { [MANIFEST]: _manifest, ...others } = files;
  const { name: _name, description: _description, license, compatibility, metadata, 'allowed-tools': tools } = matter;
  const front_matter: JsonObject = {
    ...(license !== undefined && { license }),
    ...(compatibility !== undefined && { compatibility }),
    ...(metadata && { metadata }),
    ...(tools !== undefined && { 'allowed-tools': tools }),
  };
  const implementation: JsonObject = {
    instructions: body,
    manifest: text,
    prompt: '$request',
    ...(Object.keys(others).length > 0 && { files: others }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(Object.keys(front_matter).length > 0 && { front_matter }),
  };
  return {
    name: matter.name,
    description: matter.description,
    version: {
      runtime_type: 'prompt',
      parameter_schema_json: { type: 'object', properties: { request: { type: 'string', minLength: 1 } }, required: ['request'] },
      output_schema_json: {},
      implementation_json: implementation,
    },
  };
}

function splitManifest(text: string): { readonly matter: z.output<typeof FrontMatter>; readonly body: string } | Rejection {
  const opened = BEGIN.exec(text);
  if (!opened) return refuse(pointer(MANIFEST), 'must begin with front matter', 'begin with a line "---", then name and description, then a line "---"');
  const rest = text.slice(opened[0].length);
  const closed = END.exec(rest);
  if (!closed) return refuse(pointer(MANIFEST), 'has front matter that does not end', 'end it with a line "---"');
  const yaml = readYaml(rest.slice(0, closed.index));
  if ('problem' in yaml) {
    const { message, remedy, line } = yaml.problem;
    // One line further down in the file: the front matter begins after its "---".
    return refuse(pointer(MANIFEST), `line ${line + 1}: ${message}`, remedy);
  }
  const matter = FrontMatter.safeParse(yaml.value ?? {});
  if (!matter.success) return refuseAll(problemsBelow(pointer(MANIFEST), matter.error));
  const body = rest.slice(closed.index + closed[0].length).trim();
  if (body === '') return refuse(pointer(MANIFEST), 'has no text after the front matter', 'write what the model is to do');
  return { matter: matter.data, body };
}

const pointer = (path: string): string => `/files/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`;
