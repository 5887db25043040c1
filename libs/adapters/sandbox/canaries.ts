import path from 'node:path';
import type { Runtime } from './tier.ts';

/** What canaries try to reach: a file, the variable `SANDBOX_CANARY` of the runner's environment, a listener. */
export interface Plants {
  readonly file: string;
  /** In the file and in the variable. */
  readonly secret: string;
  readonly port: number;
}

export const CANARY_VARIABLE = 'SANDBOX_CANARY';

/** Code of guests that try to get out. */
export interface Canaries {
  /** Leaves the names of the ways out that worked in `result`. */
  readonly calls: string;
  /** The secret must not be in what comes of these. */
  readonly imports: readonly string[];
}

const javascriptCalls = ({ file, secret, port }: Plants): string => {
  const name = JSON.stringify(file);
  return `
    const out = [];
    const attempt = async (what, work) => { try { await work(); out.push(what); } catch { /* contained */ } };
    await attempt('read', () => Deno.readTextFileSync(${name}));
    await attempt('node:fs', async () => (await import('node:fs')).readFileSync(${name}));
    await attempt('import', async () => (await import(${name}, { with: { type: 'json' } })).default);
    await attempt('file import', () => import('file://' + ${name}, { with: { type: 'text' } }));
    await attempt('data import', () => import('data:text/javascript,' + encodeURIComponent('export { default } from ' + JSON.stringify('file://${file}') + ' with { type: "json" }')));
    await attempt('environment', () => Deno.env.toObject());
    await attempt('variable', () => { if (Deno.env.get('${CANARY_VARIABLE}') !== '${secret}') throw 0; });
    await attempt('process', () => new Deno.Command('/bin/true').outputSync());
    await attempt('child_process', async () => { const end = (await import('node:child_process')).spawnSync('/bin/true'); if (end.error) throw end.error; });
    await attempt('connect', () => Deno.connect({ hostname: '127.0.0.1', port: ${port} }));
    await attempt('fetch', () => fetch('http://127.0.0.1:${port}/'));
    await attempt('listen', () => Deno.listen({ port: 0 }));
    await attempt('write', () => Deno.writeTextFileSync('/tmp/canary', 'x'));`;
};

const PYTHON_ATTEMPT = `
result = []
def attempt(what, work):
    try:
        if work() is not False:
            result.append(what)
    except Exception:
        pass
`;

export const CANARIES: Readonly<Record<Runtime['kind'], (plants: Plants) => Canaries>> = {
  deno: (plants) => {
    const name = JSON.stringify(plants.file);
    return {
      calls: `${javascriptCalls(plants)}\nresult = out;`,
      imports: [`import secret from ${name} with { type: 'json' }; result = secret;`, `result = (await import(${name}, { with: { type: 'json' } })).default;`],
    };
  },
  cpython: ({ file, secret, port }) => ({
    calls: `
import os, socket${PYTHON_ATTEMPT}
attempt('read', lambda: open(${JSON.stringify(file)}).read())
attempt('environment', lambda: '${secret}' in repr(dict(os.environ)))
attempt('connect', lambda: socket.create_connection(('127.0.0.1', ${port}), 2))
attempt('resolve', lambda: socket.getaddrinfo('example.com', 80))
attempt('write', lambda: open('/usr/canary', 'w'))
attempt('signal', lambda: os.kill(${process.pid}, 0))
attempt('processes', lambda: len(os.listdir('/proc')) > 0)
`,
    imports: [`import sys\nsys.path.insert(0, ${JSON.stringify(path.dirname(file))})\nimport canary`],
  }),
  // Python's own files, names and signals are emulated: what counts is what its JavaScript reaches.
  pyodide: (plants) => ({
    calls: `
import ctypes, os, socket, pyodide_js
from pyodide.code import run_js
from pyodide.ffi import run_sync${PYTHON_ATTEMPT}
result.extend(run_sync(run_js(${JSON.stringify(`(async () => {${javascriptCalls(plants)}\nreturn out; })()`)})))
attempt('python read', lambda: open(${JSON.stringify(plants.file)}).read())
attempt('python environment', lambda: '${plants.secret}' in repr(dict(os.environ)))
attempt('python connect', lambda: socket.create_connection(('127.0.0.1', ${plants.port}), 2).send(b'x'))
def mount():
    os.mkdir('/canary')
    pyodide_js.FS.mount(pyodide_js.FS.filesystems.NODEFS, run_js('({ root: "/" })'), '/canary')
    return open('/canary' + ${JSON.stringify(plants.file)}).read()
attempt('mount', mount)
attempt('ctypes', lambda: ctypes.CDLL(None).emscripten_run_script_int(b'(() => { try { return Deno.readTextFileSync(${JSON.stringify(plants.file)}).length; } catch { return 0; } })()') > 0)
`,
    imports: [],
  }),
};
