import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync, type ParseResult } from 'vite';
import * as z from 'zod';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');

const Manifest = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  nx: z.object({ tags: z.array(z.string()).length(1) }).optional(),
});

/** One workspace of the repository: a folder with a package.json. */
export interface Package {
  readonly name: string;
  /** From the root of the repository, without a slash at the end. */
  readonly folder: string;
  /** Its one tag `type:<layer>` without the prefix. */
  readonly layer: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

/** A TypeScript file, read and parsed once. */
export interface Source {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly parsed: ParseResult;
  /** What it imports and re-exports, as written. */
  readonly imports: readonly string[];
  /** The innermost package around it; undefined for the files of the root. */
  readonly owner: Package | undefined;
}

export interface Workspace {
  readonly packages: readonly Package[];
  readonly sources: readonly Source[];
  /** Every file and folder under apps, contracts, infra, libs, scripts and test, from the root of the repository. */
  readonly files: readonly string[];
  readonly rootDependencies: ReadonlySet<string>;
  readonly rootDevDependencies: ReadonlySet<string>;
  /** What may be absent. */
  readonly rootOptionalDependencies: ReadonlySet<string>;
}

/** Code that only tests run: specs, and folders that serve specs. */
export const isTestCode = (file: string): boolean => /\.spec\.ts$|\/testing\/|^test\/|\.bench\.ts$/.test(file);

/** The workspace packages that the imports of a package lead to; `tests` has what only its tests import. */
export function importedPackages(owner: Package, { packages, sources }: Workspace): { code: string[]; tests: string[] } {
  const names = new Set(packages.map(({ name }) => name));
  const own = sources.filter((source) => source.owner === owner);
  const collect = (from: readonly Source[]): Set<string> =>
    new Set(from.flatMap(({ imports }) => imports.map(packageOf)).filter((name) => names.has(name) && name !== owner.name));
  const code = collect(own.filter(({ file }) => !isTestCode(file)));
  const tests = collect(own.filter(({ file }) => isTestCode(file))).difference(code);
  return { code: [...code].toSorted(), tests: [...tests].toSorted() };
}

/** The package of an import: `@scope/name` of `@scope/name/file`, `pg` of `pg/lib/x`, `node:fs` of `node:fs/promises`. */
export const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

const keys = (record: Record<string, string>): ReadonlySet<string> => new Set(Object.keys(record));

async function readManifest(folder: string): Promise<z.infer<typeof Manifest>> {
  return Manifest.parse(JSON.parse(await readFile(path.join(ROOT, folder, 'package.json'), 'utf8')));
}

async function readPackage(folder: string): Promise<Package> {
  const manifest = await readManifest(folder);
  const tag = manifest.nx?.tags[0] ?? '';
  if (!tag.startsWith('type:')) throw new Error(`${folder}/package.json: nx.tags must be one tag "type:<layer>". Copy it from a neighbour.`);
  return {
    name: manifest.name,
    folder,
    layer: tag.slice('type:'.length),
    dependencies: keys(manifest.dependencies),
    devDependencies: keys(manifest.devDependencies),
  };
}

function importsOf({ module }: ParseResult, text: string): string[] {
  return [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((statement) => statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.flatMap(({ moduleRequest }) => /^['"](.*)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1] ?? []),
  ];
}

async function readSource(file: string, packages: readonly Package[]): Promise<Source> {
  const text = await readFile(path.join(ROOT, file), 'utf8');
  const parsed = parseSync(file, text);
  const owners = packages.filter(({ folder }) => file.startsWith(`${folder}/`));
  const owner = owners.toSorted((a, b) => b.folder.length - a.folder.length)[0];
  return { file, text, parsed, imports: importsOf(parsed, text), owner };
}

const NOT_OURS = new Set(['node_modules', 'dist', '.data', '.cache', 'generated']);

async function listFiles(): Promise<string[]> {
  const pattern = '{apps,contracts,infra,libs,scripts,test}/**';
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: ROOT, exclude: (name) => NOT_OURS.has(path.basename(name)) })) files.push(file);
  return files;
}

/** Reads the whole repository: about 0.3 s for 400 files. */
export async function readWorkspace(): Promise<Workspace> {
  const files = await listFiles();
  const packages = await Promise.all(files.filter((file) => file.endsWith('/package.json')).map((file) => readPackage(path.dirname(file))));
  const sources = await Promise.all(files.filter((file) => file.endsWith('.ts')).map((file) => readSource(file, packages)));
  const root = await readManifest('.');
  const { dependencies, devDependencies, optionalDependencies } = root;
  const declared = { rootDependencies: keys(dependencies), rootDevDependencies: keys(devDependencies), rootOptionalDependencies: keys(optionalDependencies) };
  return { packages, sources, files, ...declared };
}
