import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { type Part, zipOf } from '../support/zip.ts';

let platform: TestPlatform;
let api: Api;

beforeAll(async () => {
  platform = await startTestPlatform();
  api = createApi(platform.url, 'acme');
});
afterAll(() => platform.close());

const id = (): string => randomUUID().slice(0, 8);

/** A skill with one published version. */
async function skill(runtime_type: string, implementation_json: object, more: object = {}): Promise<string> {
  const made = await api.post('/skills', { code: `s-${id()}`, name: 'A skill', skill_type: 'template' });
  const version = await api.post('/skills/versions', { skill_id: made.body.id, status: 'published', runtime_type, implementation_json, ...more });
  expect(version).toMatchObject({ status: 201 });
  return made.body.id as string;
}

describe('skills', () => {
  test('SK-01 are created, listed and read; a code is taken once', async () => {
    const code = `hello-${id()}`;
    const made = await api.post('/skills', { code, name: 'Hello User', skill_type: 'template' });
    expect(made).toMatchObject({ status: 201, body: { code, skill_type: 'template', status: 'draft', install_count: 0 } });
    expect((await api.getAfter(made, `/skills/${made.body.id}`)).body).toMatchObject({ id: made.body.id, name: 'Hello User' });
    expect((await api.get(`/skills?code=${code}`)).body.items).toHaveLength(1);
    expect(await api.post('/skills', { code, name: 'Again' })).toMatchObject({ status: 409, body: { code: 'skill-code-taken' } });
  });

  test('SK-02 have versions that never change; an unknown runtime or a wrong implementation is refused', async () => {
    const made = await api.post('/skills', { code: `v-${id()}`, name: 'V' });
    const base = { skill_id: made.body.id, skill_version_id: `v-${id()}`, runtime_type: 'template', implementation_json: { template: 'Hello $name' } };
    const version = await api.post('/skills/versions', { ...base, parameter_schema_json: { name: { type: 'string' } } });
    expect(version).toMatchObject({ status: 201, body: { id: base.skill_version_id, number: 1, runtime_type: 'template', status: 'draft' } });
    expect(await api.post('/skills/versions', { ...base, implementation_json: { template: 'Bye' } })).toMatchObject({ status: 409 });
    expect(await api.post('/skills/versions', { ...base, skill_version_id: 'v2', runtime_type: 'magic' })).toMatchObject({ status: 400 });
    expect(await api.post('/skills/versions', { ...base, skill_version_id: 'v2', implementation_json: { text: 'x' } })).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([expect.objectContaining({ field: '/implementation_json/template' })]) },
    });
    expect(await api.post('/skills/versions', { ...base, skill_version_id: 'v2', parameter_schema_json: { type: 7 } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: '/parameter_schema_json' }] },
    });
    expect((await api.getAfter(version, `/skills/versions/${base.skill_version_id}`)).body).toMatchObject({ skill_id: made.body.id, number: 1 });
    expect(await api.post('/skills/runs', { skill_id: made.body.id })).toMatchObject({ status: 409, body: { code: 'skill-not-published' } });
    const published = await api.post(`/skills/${made.body.id}/publish`, {});
    expect(published.body).toMatchObject({ status: 'published', published_number: 1 });
  });

  test.each(['agent', 'team', 'app', 'user', 'workspace'])(
    'SK-03, SK-04 are installed for a %s once, disabled, enabled and taken away',
    async (install_scope) => {
      const skill_id = await skill('template', { template: 'x' });
      const place = { skill_id, install_scope, scope_id: 't1' };
      const made = await api.post('/skills/installations', { ...place, installed_by: 'user-1' });
      expect(made).toMatchObject({ status: 201, body: { ...place, installed_by: 'user-1', status: 'enabled' } });
      expect(await api.post('/skills/installations', place)).toMatchObject({ status: 409, body: { code: 'skill-installation-taken' } });
      const list = `/skills/installations?install_scope=${install_scope}&scope_id=t1&skill_id=${skill_id}`;
      expect((await api.getAfter(made, list)).body.items).toMatchObject([{ id: made.body.id }]);
      const at = `/skills/installations/${made.body.id}`;
      expect((await api.post(`${at}/disable`)).body).toMatchObject({ status: 'disabled' });
      const named = { skill_id, install_scope, scope_id: 't1' };
      expect(await api.post('/skills/runs', named)).toMatchObject({ status: 409, body: { code: 'skill-disabled' } });
      expect((await api.post(`${at}/enable`)).body).toMatchObject({ status: 'enabled' });
      expect(await api.post('/skills/runs', named)).toMatchObject({ status: 201, body: { installation_id: made.body.id } });
      const gone = await api.delete(at);
      expect((await api.getAfter(gone, list)).body.items).toEqual([]);
      expect(await api.post('/skills/runs', named)).toMatchObject({ status: 409, body: { code: 'skill-not-installed' } });
      expect(await api.post('/skills/installations', place)).toMatchObject({ status: 201 });
    },
  );

  test('SK-03 an unknown skill can not be installed', async () =>
    expect(await api.post('/skills/installations', { skill_id: 'none', install_scope: 'workspace' })).toMatchObject({ status: 404 }));

  test('run only where they are installed, when they say so', async () => {
    const skill_id = await skill('template', { template: 'x' });
    expect((await api.patch(`/skills/${skill_id}`, { install_required: true })).body).toMatchObject({ install_required: true });
    expect(await api.post('/skills/runs', { skill_id })).toMatchObject({ status: 409, body: { code: 'skill-not-installed' } });
    await api.post('/skills/installations', { skill_id, install_scope: 'team', scope_id: 'a' });
    expect(await api.post('/skills/runs', { skill_id })).toMatchObject({ status: 409 });
    expect(await api.post('/skills/runs', { skill_id, install_scope: 'team', scope_id: 'a' })).toMatchObject({ status: 201 });
    const here = await api.post('/skills/installations', { skill_id, install_scope: 'workspace' });
    expect(await api.post('/skills/runs', { skill_id })).toMatchObject({ status: 201, body: { installation_id: here.body.id } });
    expect((await api.getAfter(here, `/skills/${skill_id}`)).body).toMatchObject({ install_required: true });
  });

  test('SK-10 are in the marketplace when published, with how often they are installed', async () => {
    const draft = await api.post('/skills', { code: `d-${id()}`, name: 'Market draft' });
    const skill_id = await skill('template', { template: 'x' });
    await api.patch(`/skills/${skill_id}`, { name: 'Market skill' });
    for (const scope_id of ['a', 'b']) await api.post('/skills/installations', { skill_id, install_scope: 'user', scope_id });
    const counted = async () => (await api.get('/skills/marketplace?q=Market')).body.items.map((one: Answer['body']) => [one.id, one.install_count]);
    await expect.poll(counted).toEqual([[skill_id, 2]]);
    expect(draft.status).toBe(201);
    const [first] = (await api.get(`/skills/installations?skill_id=${skill_id}`)).body.items;
    await api.delete(`/skills/installations/${first.id}`);
    await expect.poll(counted).toEqual([[skill_id, 1]]);
  });
});

describe('import', () => {
  const name = `notes-${id()}`;
  const files = {
    'SKILL.md': `---\nname: ${name}\ndescription: Writes notes.\nlicense: MIT\nmetadata:\n  author: ada\n---\nCost is $5. Use {{ nothing }}.\n`,
    'references/style.md': 'Be short.',
  };

  test('of a SKILL.md folder makes a published skill of the prompt runtime; again, a version when something changed', async () => {
    const made = await api.post('/skills/import', { files });
    expect(made).toMatchObject({ status: 201, body: { code: name, description: 'Writes notes.', status: 'published', published_number: 1 } });
    const version = await api.getAfter(made, `/skills/versions/${made.body.published_version_id}`);
    expect(version.body).toMatchObject({
      runtime_type: 'prompt',
      implementation_json: {
        instructions: 'Cost is $5. Use {{ nothing }}.',
        files: { 'references/style.md': 'Be short.' },
        front_matter: { license: 'MIT', metadata: { author: 'ada' } },
      },
    });
    const run = await api.post('/skills/runs', { skill_id: made.body.id, input_json: { request: 'Go $now' } });
    await expect.poll(async () => (await api.get(`/skills/runs/${run.body.id}`)).body.status).toBe('completed');
    expect((await api.post('/skills/import', { skill_id: made.body.id, files })).body).toMatchObject({ latest_number: 1 });
    const changed = { ...files, 'references/style.md': 'Be long.' };
    expect((await api.post('/skills/import', { skill_id: made.body.id, files: changed })).body).toMatchObject({ published_number: 2 });
    expect(await api.post('/skills/import', { files })).toMatchObject({ status: 409, body: { code: 'skill-code-taken' } });
  });

  test.each([
    [{}, '/files', 'no SKILL.md'],
    [{ 'SKILL.md': 'hello' }, '/files/SKILL.md', 'front matter'],
    [{ 'SKILL.md': '---\nname: A b\ndescription: x\n---\nbody' }, '/files/SKILL.md/name', 'lower-case'],
    [{ 'SKILL.md': '---\nname: ab\n---\nbody' }, '/files/SKILL.md/description', 'required'],
    [{ 'SKILL.md': '---\nname: [\n---\nbody' }, '/files/SKILL.md', 'line'],
    [{ 'SKILL.md': '---\nname: ab\ndescription: x\n---\n' }, '/files/SKILL.md', 'no text'],
    [{ 'SKILL.md': '---\nname: ab\ndescription: x\n---\nb', '../x': '' }, '/files/..~1x', 'inside'],
  ])('refuses %j', async (bad, field, rule) => {
    const refused = await api.post('/skills/import', { files: bad });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field, rule: expect.stringContaining(rule) }] } });
  });

  describe('of an upload', () => {
    const picture = randomBytes(200_000);
    const manifest = (skill: string): string => `---\nname: ${skill}\ndescription: Draws.\n---\nDraw.\r\n`;
    const send = (body: FormData | Buffer<ArrayBuffer> | string, type?: string) =>
      fetch(`${platform.url}/api/v1/skills/import`, {
        method: 'POST',
        body,
        headers: { 'x-workspace-id': 'acme', ...(type !== undefined && { 'content-type': type }) },
      });
    const zip = (parts: readonly Part[]) => send(zipOf(parts), 'application/zip');
    const folder = (skill: string): Part[] => [
      { path: 'draw/SKILL.md', bytes: manifest(skill) },
      { path: 'draw/assets/', bytes: '', mode: 0o040755 },
      { path: 'draw/assets/Bild ä.png', bytes: picture },
      { path: 'draw/references/long.md', bytes: 'x'.repeat(150_000) },
      { path: 'draw/scripts/draw.py', bytes: '\uFEFFprint(1)\r\n' },
      { path: '__MACOSX/draw/._SKILL.md', bytes: 'litter' },
    ];
    async function expectFolder(response: Response, skill: string): Promise<void> {
      const made = (await response.json()) as { published_version_id: string; log: { event_id: string } };
      expect([response.status, made]).toMatchObject([201, { code: skill, status: 'published' }]);
      const version = `/skills/versions/${made.published_version_id}`;
      const { body } = await api.get(`${version}?read_after=${made.log.event_id}`);
      expect(body.implementation_json).toMatchObject({
        instructions: 'Draw.',
        files: { 'scripts/draw.py': '\uFEFFprint(1)\r\n' },
        resources: { 'assets/Bild ä.png': { bytes: 200_000 }, 'references/long.md': { bytes: 150_000 } },
      });
      for (const { path, bytes } of folder(skill).filter(({ path: one }) => !/\/$|__MACOSX/.test(String(one)))) {
        const query = new URLSearchParams({ path: String(path).replace('draw/', '') });
        const file = await fetch(`${platform.url}/api/v1${version}/file?${query.toString()}`, { headers: { 'x-workspace-id': 'acme' } });
        expect(Buffer.from(await file.arrayBuffer()).equals(Buffer.from(bytes as Uint8Array))).toBe(true);
        expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
      }
      expect(await api.get(`${version}/file?path=../x`)).toMatchObject({ status: 404, body: { code: 'skill-file-missing' } });
    }

    test('keeps every file byte for byte, whether it comes as an archive, in a form, or file by file', async () => {
      await expectFolder(await zip(folder(`zip-${name}`)), `zip-${name}`);
      const archive = new FormData();
      archive.append('file', new Blob([zipOf(folder(`form-${name}`))]), 'draw.zip');
      await expectFolder(await send(archive), `form-${name}`);
      const files = new FormData();
      for (const { path, bytes } of folder(`files-${name}`)) if (!String(path).endsWith('/')) files.append('files', new Blob([bytes]), String(path));
      await expectFolder(await send(files), `files-${name}`);
    });

    const good: Part = { path: 'SKILL.md', bytes: manifest('good') };
    test.each<readonly [string, () => Promise<Response>, number, string]>([
      ['a path out of the folder', () => zip([good, { path: '../../etc/passwd', bytes: 'x' }]), 400, 'inside the folder'],
      ['an absolute path', () => zip([good, { path: '/etc/passwd', bytes: 'x' }]), 400, 'inside the folder'],
      ['a backslash', () => zip([good, { path: 'a\\..\\b', bytes: 'x' }]), 400, 'backslash'],
      ['a drive letter', () => zip([good, { path: 'C:/x', bytes: 'x' }]), 400, 'inside the folder'],
      ['a symbolic link', () => zip([good, { path: 'key', bytes: '/etc/shadow', mode: 0o120777 }]), 400, 'symbolic link'],
      ['a device', () => zip([good, { path: 'null', bytes: '', mode: 0o020666 }]), 400, 'no plain file'],
      ['names that differ in case', () => zip([good, { path: 'a.md', bytes: '1' }, { path: 'A.MD', bytes: '2' }]), 400, 'upper and lower case'],
      ['a second manifest', () => zip([good, { path: 'skill.md', bytes: '1' }]), 400, 'upper and lower case'],
      ['one name twice', () => zip([good, good]), 400, 'twice'],
      ['a file that is a folder', () => zip([good, { path: 'a', bytes: '1' }, { path: 'a/b', bytes: '2' }]), 400, 'is a file, too'],
      ['a name that is no UTF-8', () => zip([good, { path: Buffer.from([0xff, 0x61]), bytes: '1' }]), 400, 'not UTF-8'],
      ['a bomb that lies of its size', () => zip([good, { path: 'bomb', bytes: Buffer.alloc(30_000_000), claims: 10 }]), 400, 'unpacks to more'],
      ['too many files', () => zip([good, ...Array.from({ length: 500 }, (_, n) => ({ path: `f${n}`, bytes: '' }))]), 400, '501 parts'],
      ['half an archive', () => send(Buffer.from(zipOf([good]).subarray(0, 90)), 'application/zip'), 400, 'not a complete archive'],
      ['a folder without manifest', () => zip([{ path: 'README.md', bytes: 'x' }]), 400, 'no SKILL.md'],
      ['an empty form', () => send(new FormData()), 400, 'missing'],
      ['another content type', () => send('x', 'image/png'), 415, 'zip archive'],
    ])('refuses %s', async (_, ask, status, why) => {
      const response = await ask();
      const problem = await response.text();
      expect([response.status, problem]).toEqual([status, expect.stringContaining(why)]);
    });
  });
});
