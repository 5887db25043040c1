// The fixed program that every guest of Pyodide runs in. It may read Pyodide's folder and the snapshot, and gives that
// permission back before it takes the guest's text. What is used after the guest ran is taken before: the guest can
// reach all of this JavaScript, and what stops it is that this process may do nothing.
import { pathToFileURL } from 'node:url';

const { stdin, stdout, stderr, exit } = Deno;
const read = stdin.readSync.bind(stdin);
const print = stdout.writeSync.bind(stdout);
const write = stderr.writeSync.bind(stderr);
const encode = TextEncoder.prototype.encode.bind(new TextEncoder());
const { apply } = Reflect;
const { subarray } = Uint8Array.prototype;
const { startsWith } = String.prototype;
const text = String;

const receive = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = read(apply(subarray, bytes, [at]));
    if (count === null) exit(0);
    at += count;
  }
  return bytes;
};

const send = (content) => {
  let bytes = encode(content);
  while (bytes.length > 0) bytes = apply(subarray, bytes, [write(bytes)]);
};

const [folder, snapshot] = Deno.args;
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const python = await loadPyodide({ indexURL: folder, _loadSnapshot: Deno.readFileSync(snapshot) });
python.setStdin({ stdin: () => null });
python.setStdout({ write: print });
const execute = python.globals.get('execute');
python.globals.delete('execute');
const { state } = await Deno.permissions.revoke({ name: 'read' });
if (state === 'granted') throw new Error('The permission to read is still there.');

send('ready\n');
const request = new TextDecoder().decode(receive(new DataView(receive(4).buffer).getUint32(0)));
const { tag } = JSON.parse(request);
let body;
try {
  // With a stack of its own, so that `asyncio.run` can wait.
  body = await execute.callPromising(request);
} catch (thrown) {
  // The interpreter itself broke, or was ended: there is no Python left to say how.
  const said = text(thrown);
  if (apply(startsWith, said, ['RangeError: Maximum call stack'])) {
    body = '{"failed":"code-exception","message":"RecursionError: nested too deep for the stack of Pyodide","traceback":""}';
  } else {
    send(said);
    exit(thrown?.status ?? 1);
  }
}
send(`\n${tag} ${encode(body).length}\n${body}`);
exit(0);
