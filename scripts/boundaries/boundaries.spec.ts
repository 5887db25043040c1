import { isBuiltin } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EMPTY_NAMES, HELD_BY, MAX_LINES, MAY_USE, MAY_USE_ONLY, PURE, TESTS_MAY_USE } from './table.ts';
import { importedPackages, isTestCode, packageOf, readWorkspace, type Source } from './workspace.ts';

const workspace = await readWorkspace();
const packages = new Map(workspace.packages.map((found) => [found.name, found]));

/** One line for each import that breaks a rule; `rule` gives the reason and the remedy. */
function breaches(rule: (source: Source, imported: string, specifier: string) => string | undefined): string[] {
  return workspace.sources.flatMap((source) =>
    source.imports.flatMap((specifier) => {
      const reason = rule(source, packageOf(specifier), specifier);
      return reason === undefined ? [] : [`${source.file} imports "${specifier}": ${reason}`];
    }),
  );
}

const isRelative = (specifier: string): boolean => /^\.{1,2}(\/|$)/.test(specifier);
const isInside = (file: string, folder: string): boolean => file.startsWith(`${folder}/`);

test('every layer is in the table', () => {
  expect(workspace.packages.filter(({ layer }) => MAY_USE[layer] === undefined)).toEqual([]);
});

test('a package declares the packages it imports, and no others', () => {
  const found = workspace.packages.flatMap((owner) => {
    const { code, tests } = importedPackages(owner, workspace);
    const wrong = (declared: ReadonlySet<string>, imported: string[]): string[] => [...new Set(declared).symmetricDifference(new Set(imported))];
    const names = [...wrong(owner.dependencies, code), ...wrong(owner.devDependencies, tests)];
    return names.length === 0 ? [] : [`${owner.folder}/package.json: ${[...new Set(names)].join(', ')}`];
  });
  expect(found, 'remedy: npm run sync').toEqual([]);
});

test('layers use only the layers below them', () => {
  const found = breaches(({ owner, file }, imported) => {
    const target = packages.get(imported);
    if (owner === undefined || target === undefined || target === owner) return undefined;
    const allowed = isTestCode(file) ? [...TESTS_MAY_USE, ...(MAY_USE[owner.layer] ?? [])] : (MAY_USE_ONLY[owner.name] ?? MAY_USE[owner.layer] ?? []);
    if (allowed.includes(target.layer) || allowed.includes(target.name)) return undefined;
    return `${owner.name} (${owner.layer}) may use ${allowed.join(', ') || 'no other package'}; see scripts/boundaries/table.ts`;
  });
  expect(found).toEqual([]);
});

test('imports stay inside their package, or name another one', () => {
  const found = breaches(({ owner, file }, imported, specifier) => {
    const folder = owner?.folder ?? file.split('/')[0] ?? '';
    if (owner !== undefined && imported === owner.name) return 'write it as a relative path';
    if (!isRelative(specifier)) return undefined;
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const inner = workspace.packages.find((other) => other !== owner && isInside(target, other.folder) && other.folder.length > folder.length);
    if (isInside(target, folder) && inner === undefined) return undefined;
    return 'name the package: @agent-platform/<name>/<file>';
  });
  expect(found).toEqual([]);
});

test('outside packages are declared at the root', () => {
  const found = breaches(({ owner, file }, imported, specifier) => {
    if (isRelative(specifier) || packages.has(imported)) return undefined;
    if (isBuiltin(imported)) return imported.startsWith('node:') ? undefined : `write it as "node:${imported}"`;
    if (workspace.rootDependencies.has(imported)) return undefined;
    if (workspace.rootOptionalDependencies.has(imported) && HELD_BY.some((entry) => entry.packages.test(imported))) return undefined;
    const mayBeDev = owner === undefined || owner.layer === 'test' || isTestCode(file);
    if (mayBeDev && workspace.rootDevDependencies.has(imported)) return undefined;
    return `add it to the ${mayBeDev ? 'devDependencies' : 'dependencies'} of the root package.json with an exact version`;
  });
  expect(found).toEqual([]);
});

test('pure layers import nothing that does IO', () => {
  const found = breaches(({ owner, file }, imported, specifier) => {
    const allowed = owner && PURE[owner.layer];
    if (allowed === undefined || isTestCode(file) || isRelative(specifier) || packages.has(imported)) return undefined;
    return allowed.includes(imported) ? undefined : `${owner?.layer} may import ${allowed.join(', ')}; reach the outside through a port`;
  });
  expect(found).toEqual([]);
});

test('each outside thing is held by its folders', () => {
  const found = breaches(({ file }, imported) => {
    if (isTestCode(file)) return undefined;
    const holder = HELD_BY.find((entry) => entry.packages.test(imported));
    if (holder === undefined || holder.folders.some((folder) => isInside(file, folder))) return undefined;
    return `only ${holder.folders.join(', ') || 'nothing'} may import it`;
  });
  expect(found).toEqual([]);
});

test('names say what is inside', () => {
  const empty = workspace.files.filter((file) => EMPTY_NAMES.includes(path.basename(file, '.ts')));
  expect(empty, 'a folder or file is named after what it holds, not after its kind').toEqual([]);
  const notKebab = workspace.sources.filter(({ file }) => !/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(path.basename(file)));
  expect(
    notKebab.map(({ file }) => file),
    'files are <subject>.<role>.ts in kebab-case',
  ).toEqual([]);
});

test('every app and every folder of tests says what it is', () => {
  const folders = workspace.files.filter((file) => /^(apps|test)(\/[^/.]+)?$/.test(file));
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !workspace.files.includes(`${folder}/README.md`))).toEqual([]);
});

test('files are small', () => {
  const long = workspace.sources.map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length })).filter(({ lines }) => lines > MAX_LINES);
  expect(long, 'split what holds two things').toEqual([]);
});
