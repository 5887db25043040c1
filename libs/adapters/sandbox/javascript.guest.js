// The fixed program that every JavaScript guest runs in. The guest's text is data for it, never a module: files in the
// static import graph of a module can be read without any permission. What is used after the guest ran is taken before.
const { stdin, stderr, exit } = Deno;
const read = stdin.readSync.bind(stdin);
const write = stderr.writeSync.bind(stderr);
const encode = TextEncoder.prototype.encode.bind(new TextEncoder());
const { apply } = Reflect;
const { subarray } = Uint8Array.prototype;
const { slice } = String.prototype;
const { stringify, parse } = JSON;
const text = String;
const AsyncFunction = (async () => {}).constructor;

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

send('ready\n');
const size = new DataView(receive(4).buffer).getUint32(0);
const { tag, code, input_json, max_chars } = parse(new TextDecoder().decode(receive(size)));

const finish = (body) => {
  send(`\n${tag} ${encode(body).length}\n${body}`);
  exit(0);
};
const fail = (kind, message, traceback) =>
  finish(`{"failed":"${kind}","message":${stringify(apply(slice, message, [0, 2000]))},"traceback":${stringify(apply(slice, traceback, [0, 8000]))}}`);

/** Getters of what was thrown are the guest's own code. */
const describe = (thrown) => {
  try {
    if (typeof thrown !== 'object' || thrown === null) return [`Uncaught ${text(thrown)}`, ''];
    const message = `${text(thrown.name)}: ${text(thrown.message)}`;
    return [message, typeof thrown.stack === 'string' ? thrown.stack : ''];
  } catch {
    return ['The code threw something that can not be shown.', ''];
  }
};

globalThis.payload = input_json;
// The guest's output is the output here.
// oxlint-disable-next-line no-console -- see above
globalThis.print = console.log;
let result;
try {
  // `result` as a variable of the code, as a global, or as what it returns.
  const run = new AsyncFunction(`${code}\n;return typeof result === 'undefined' ? undefined : result;\n//# sourceURL=code.js`);
  result = await run();
  if (result === undefined) result = globalThis.result;
} catch (thrown) {
  const [message, traceback] = describe(thrown);
  fail('code-exception', message, traceback);
}
let json;
try {
  json = result === undefined ? 'null' : stringify(result);
} catch (thrown) {
  fail('code-result-not-json', `result: must be JSON (${describe(thrown)[0]}). Leave plain values in it.`, '');
}
if (typeof json !== 'string') fail('code-result-not-json', `result: must be JSON, and a ${typeof result} is none. Leave plain values in it.`, '');
if (json.length > max_chars) fail('code-output-too-large', `result: must have ${max_chars} characters of JSON at most. Leave less in it.`, '');
finish(`{"result":${json}}`);
