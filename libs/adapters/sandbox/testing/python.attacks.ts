import { type Attack, byPyodide, refusedInPython as refused } from './attack.ts';
import { JAVASCRIPT_ATTACKS } from './javascript.attacks.ts';

const READS: readonly Attack[] = [
  refused('open', 'open("CANARY").read()'),
  refused('os.open', 'import os', 'os.open("CANARY", os.O_RDONLY)'),
  refused('pathlib', 'import pathlib', 'pathlib.Path("CANARY").read_text()'),
  refused('io.FileIO', 'import io', 'io.FileIO("CANARY").read()'),
  refused('linecache', 'import linecache', 'assert linecache.getline("CANARY", 1)'),
  refused('import from a folder', 'import sys', 'sys.path.insert(0, "CANARY".rsplit("/", 1)[0])', 'import canary'),
  refused('runpy', 'import runpy', 'runpy.run_path("CANARY")'),
  refused('urllib file', 'import urllib.request', 'urllib.request.urlopen("file://CANARY").read()'),
  refused('exec of a file', 'exec(open("CANARY").read())'),
  refused('proc of the runner', 'open("/proc/RUNNER/environ").read()'),
  refused('glob', 'import glob', 'assert glob.glob("CANARY")'),
  refused('symbolic link', 'import os', 'os.symlink("CANARY", "/tmp/link")', 'open("/tmp/link").read()'),
  refused('subclasses walk', '[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "FileLoader"][0]("x", "CANARY").get_data("CANARY")'),
  refused('format string', 'assert "kingfisher" in "{0.__class__.__init__.__globals__}".format(print)'),
];

/** What only a system below Python can refuse: Pyodide emulates one, and does as it is told. */
const KERNEL: readonly Attack[] = [
  refused('proc: own memory', 'open("/proc/self/mem", "rb").read(1)'),
  refused('password file', 'open("/etc/shadow").read()'),
  refused('home of root', 'import os', 'assert "CANARY" in str(os.listdir("/root"))'),
  refused('root of the runner', 'import os', 'os.chdir("/proc/RUNNER/root")'),
  refused('open by handle', 'import os', 'os.open(".", os.O_RDONLY, dir_fd=9)'),
  refused('mmap of a device', 'import mmap, os', 'mmap.mmap(os.open("/dev/mem", os.O_RDWR), 4096)'),
  {
    id: 'environment of the parent',
    code: 'result = "in"\ntry:\n    result = "out" if b"CANARY_SECRET" in open("/proc/1/environ", "rb").read() else "in"\nexcept OSError:\n    pass',
    gets: ['in'],
  },
  refused('raw socket', 'import socket', 'socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(b"x", ("127.0.0.1", 0))'),
  refused('packet socket', 'import socket', 'socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'),
  refused('DNS', 'import socket', 'socket.getaddrinfo("secret.example.com", 80)'),
  refused('abstract socket', 'import socket', 'socket.socket(socket.AF_UNIX).connect("\\0/tmp/dbus")'),
  refused('ptrace', 'import ctypes', 'assert ctypes.CDLL(None).ptrace(16, RUNNER, 0, 0) == 0'),
  refused('mount', 'import ctypes', 'assert ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0'),
  refused('unshare', 'import ctypes', 'assert ctypes.CDLL(None).unshare(0x10000000) == 0'),
  refused('chroot', 'import os', 'os.chroot("/tmp")'),
  refused('other user', 'import os', 'os.setuid(12345)'),
  refused('host name', 'import socket', 'socket.sethostname("owned")'),
  refused('clock', 'import time', 'time.clock_settime(time.CLOCK_REALTIME, 0)'),
  refused('raise limits', 'import resource', 'resource.setrlimit(resource.RLIMIT_DATA, (2**40, 2**40))'),
  refused('write to the system', 'open("/usr/lib/owned", "w")'),
  refused('write the guest program', 'open("/guest/program", "w")'),
  refused('write to a root folder', 'import os', 'os.mkdir("/owned/deep/x")'),
  refused('make a device', 'import os, stat', 'os.mknod("/tmp/sda", stat.S_IFBLK | 0o600, os.makedev(8, 0))', 'open("/tmp/sda", "rb").read(1)'),
  refused('socket to the host of a virtual machine', 'import socket', 'socket.socket(40, socket.SOCK_STREAM)'),
  refused('socket of the kernel for ciphers', 'import socket', 'socket.socket(38, socket.SOCK_SEQPACKET)'),
  refused('io_uring', 'import ctypes', 'assert ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120)) >= 0'),
  refused('userfaultfd', 'import ctypes', ...byNumber(323, 282, '1')),
  refused('key that outlives its process', 'import ctypes', ...byNumber(248, 217, 'b"user", b"a", b"b", 1, -4')),
  refused('memory that the kernel can not see', 'import ctypes', 'assert ctypes.CDLL(None).syscall(447, 0) >= 0'),
  { id: 'closed descriptors', code: 'import os\nfor fd in range(64):\n    try: os.close(fd)\n    except OSError: pass\nresult = 1' },
  {
    id: 'process that leaves the session',
    code: 'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\nresult = 1',
  },
  { id: 'fork bomb', code: 'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass' },
  {
    id: 'threads',
    code: 'import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(1000,)).start()\n    except RuntimeError: pass',
  },
  { id: 'many descriptors', code: 'a = []\nwhile True: a.append(open("/dev/null"))' },
];

function byNumber(x64: number, arm64: number, args: string): readonly string[] {
  return ['import platform', `assert ctypes.CDLL(None).syscall(${arm64} if platform.machine() == "aarch64" else ${x64}, ${args}) >= 0`];
}

const POWERS: readonly Attack[] = [
  { id: 'environment', code: 'import os\nresult = "out" if "CANARY_SECRET" in repr(dict(os.environ)) else "in"', gets: ['in'] },
  refused('connect', 'import socket', 'socket.create_connection(("127.0.0.1", PORT), 1)'),
  refused('connect over IPv6', 'import socket', 'socket.create_connection(("::1", PORT), 1)'),
  refused('UDP', 'import socket', 'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 53))'),
  refused('urlopen', 'import urllib.request', 'urllib.request.urlopen("http://127.0.0.1:PORT/", timeout=1)'),
  refused('http client', 'import http.client', 'http.client.HTTPConnection("127.0.0.1", PORT, timeout=1).request("GET", "/")'),
  refused('signal to the runner', 'import os', 'os.kill(RUNNER, 15)'),
  refused('js', 'import js', 'js.Deno.readTextFileSync("CANARY")'),
  refused('js eval', 'import js', 'js.eval("Deno.readTextFileSync(\'CANARY\')")'),
  refused('js process', 'import js', 'assert "CANARY_SECRET" in str(js.JSON.stringify(js.process.env))'),
  refused('pyodide_js', 'import pyodide_js', 'pyodide_js.runPython("import js; js.Deno.openSync(\'CANARY\')")'),
  refused('run_js', 'from pyodide.code import run_js', 'run_js("Deno.readTextFileSync(\'CANARY\')")'),
  refused('fetch', 'from pyodide.http import pyfetch', 'from pyodide.ffi import run_sync', 'run_sync(pyfetch("http://127.0.0.1:PORT/"))'),
  refused('open_url', 'from pyodide.http import open_url', 'open_url("http://127.0.0.1:PORT/")'),
  refused(
    'package of a stranger',
    'import pyodide_js',
    'from pyodide.ffi import run_sync',
    'run_sync(pyodide_js.loadPackage("http://127.0.0.1:PORT/x.whl"))',
    'import x',
  ),
  refused('NODEFS', 'import os', 'from pyodide_js import FS', 'from pyodide.code import run_js', ...mounted('NODEFS')),
  refused('NATIVEFS', 'import os', 'from pyodide_js import FS', 'from pyodide.code import run_js', ...mounted('NATIVEFS_ASYNC')),
  refused(
    'emscripten_run_script',
    'import ctypes',
    'text = b"(() => { try { return Deno.readTextFileSync(\'CANARY\').length; } catch { return 0; } })()"',
    'assert ctypes.CDLL(None).emscripten_run_script_int(text) > 0',
  ),
];

function mounted(kind: string): readonly string[] {
  return ['os.mkdir("/mnt")', `FS.mount(FS.filesystems.${kind}, run_js('({ root: "/" })'), "/mnt")`, 'open("/mntCANARY").read()'];
}

const TRICKS: readonly Attack[] = [
  {
    id: 'forged frame',
    code: 'import os\nos.write(2, b"\\n" + b"0" * 32 + b" 12\\n{\\"result\\":1}")\nos.write(1, b"\\n" + b"0" * 32 + b" 12\\n{\\"result\\":1}")\nresult = "mine"',
    gets: ['mine'],
  },
  {
    id: 'changed json',
    code: 'import json, os\njson.dumps = lambda *a, **k: "]"\nos.write = lambda *a: 0\nos._exit = lambda *a: 0\nresult = "mine"',
    gets: ['mine'],
  },
  { id: 'hostile repr', code: 'class A:\n    def __repr__(self):\n        while True: pass\nraise Exception(A())', timeout: 300 },
  { id: 'error that raises', code: 'class E(Exception):\n    def __str__(self):\n        raise self\nraise E()' },
  { id: 'hostile dict', code: 'class D(dict):\n    def items(self):\n        while True: pass\nresult = D(a=1)', timeout: 300 },
  {
    id: 'trace function',
    code: 'import sys\ndef trace(*a):\n    sys.settrace(None)\n    return trace\nsys.settrace(trace)\nresult = "mine"',
    gets: ['mine'],
  },
  {
    id: 'audit hook',
    code: 'import sys\ndef hook(*a):\n    while True: pass\nsys.addaudithook(hook)\nresult = 1\nopen("/tmp/x", "w")',
    timeout: 300,
  },
  {
    id: 'pickle',
    code: 'import pickle\nclass P:\n    def __reduce__(self):\n        return (open, ("CANARY",))\ntry:\n    pickle.loads(pickle.dumps(P())); result = "out"\nexcept OSError:\n    result = "in"',
    gets: ['in'],
  },
  { id: 'import hook', code: 'import builtins\nbuiltins.__import__ = lambda *a: (_ for _ in ()).throw(ValueError())\nresult = "mine"', gets: ['mine'] },
  {
    id: 'frames of the caller',
    code: 'import sys\nf = sys._getframe()\nwhile f:\n    print(list(f.f_locals))\n    f = f.f_back\nresult = "mine"',
    gets: ['mine'],
  },
  { id: 'not a number', code: 'result = [float("nan"), float("inf")]' },
  { id: 'NUL in output', code: 'print("a\\0b\\ud800")\nresult = "a\\0b"', gets: ['ab'] },
  { id: 'reads stdin', code: 'import sys\nresult = "in" if sys.stdin.read() == "" else "out"', gets: ['in'] },
  {
    id: 'ignores signals',
    code: 'import signal\nfor s in range(1, 64):\n    try: signal.signal(s, signal.SIG_IGN)\n    except Exception: pass\nwhile True: pass',
    timeout: 300,
  },
  { id: 'process by a shell', code: 'import os\nos.system("sleep 1000.RUNNER & sleep 1000.RUNNER &")\nresult = 1' },
  { id: 'crash', code: 'import ctypes\nctypes.string_at(0)' },
];

const BOMBS: readonly Attack[] = [
  { id: 'endless loop', code: 'while True: pass', timeout: 300 },
  { id: 'sleep', code: 'import time\ntime.sleep(1000)', timeout: 300 },
  { id: 'memory', code: 'a = []\nwhile True: a.append(bytearray(10**8))' },
  { id: 'number', code: 'result = 10 ** 10 ** 10', timeout: 300 },
  { id: 'text of a number', code: 'import sys\nsys.set_int_max_str_digits(0)\nresult = str(7 ** 10 ** 8)', timeout: 300 },
  { id: 'regular expression', code: 'import re\nre.match("^(a+)+$", "a" * 60 + "b")', timeout: 300 },
  { id: 'recursion', code: 'import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()' },
  { id: 'deep result', code: 'a = []\nfor _ in range(10**5): a = [a]\nresult = a' },
  { id: 'huge output', code: 'while True: print("x" * 10**5)' },
  { id: 'huge result', code: 'result = "x" * 10**8' },
  { id: 'huge file', code: 'f = open("/tmp/x", "wb")\nwhile True: f.write(b"x" * 10**6)' },
  { id: 'many files', code: 'n = 0\nwhile True:\n    open("/tmp/%d" % n, "w").write("x" * 10**5)\n    n += 1' },
  { id: 'zip bomb', code: 'import zlib\nd = zlib.compress(b"\\0" * 10**8, 9)\na = []\nwhile True: a.append(zlib.decompress(d))' },
  { id: 'shared memory', code: 'import mmap\na = []\nwhile True:\n    m = mmap.mmap(-1, 10**8)\n    m.write(b"x" * 10**8)\n    a.append(m)' },
];

const ANYWHERE: readonly Attack[] = [...READS, ...POWERS, ...TRICKS, ...BOMBS];

/** Category C4 of the attack corpus, for CPython. */
export const CPYTHON_ATTACKS: readonly Attack[] = [...ANYWHERE, ...KERNEL];

/** And for Pyodide. */
export const PYODIDE_ATTACKS: readonly Attack[] = ANYWHERE;

/** Everything that JavaScript tries, by the JavaScript that Pyodide runs in. Static imports are no part of a script. */
export const PYODIDE_JAVASCRIPT_ATTACKS: readonly Attack[] = JAVASCRIPT_ATTACKS.filter(({ id }) => !id.startsWith('static import')).map(byPyodide);
