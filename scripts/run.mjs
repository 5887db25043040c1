#!/usr/bin/env node
// `node scripts/run.mjs <file.ts> [arguments]`: the one door to every npm script.
//
// Runs on Node 18 with nothing installed: installs the packages when node_modules is missing or does
// not match package-lock.json, then runs the file with the Node 24 that came with them.
//
// Promises
//   - two at once: one installs, the other waits (.cache/install.lock holds the installer's pid)
//   - interrupted while installing: the next run installs again, by itself
//   - one Ctrl-C is one SIGINT for the program, though npm sends a second one (see `forwardSignals`)
//   - the program's exit code is ours
//   - killed without a word (SIGKILL), or npm killed: the program ends too
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { spawnGuarded } from './run.guard.mjs';
import { fail, modules, prepare, root } from './run.install.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGWINCH', 'SIGUSR2'];

/**
 * The program runs in a session of its own, so that a Ctrl-C at the terminal reaches only us: npm gets
 * it as well and sends us a second one, and a program that took `once` would die of that.
 */
function forwardSignals(child) {
  const last = new Map();
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (last.get(signal) ?? 0) < 500 && signal !== 'SIGWINCH') return;
      last.set(signal, now);
      child.kill(signal);
    });
  }
  // Only under npm: a shell that started us in the background may well end before us.
  if (process.env.npm_lifecycle_event === undefined) return;
  const atStart = callers();
  const watch = setInterval(() => {
    if (callers() === atStart) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 1000).unref();
}

/** Who started us: npm, or the shell that npm started for the script, and then its parent. */
function callers() {
  const parent = process.ppid;
  if (process.platform !== 'linux') return String(parent); // elsewhere `sh -c` becomes the command itself
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    const isShell = /\((sh|dash|bash|busybox|ash)\) /.test(stat);
    return isShell ? `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}` : String(parent);
  } catch {
    return 'gone';
  }
}

function run(node, file, args) {
  const bins = [path.join(modules, '.bin'), path.dirname(node)];
  const env = { NODE_COMPILE_CACHE: path.join(root, '.cache', 'compile'), ...process.env, PATH: [...bins, process.env.PATH ?? ''].join(path.delimiter) };
  const command = [node, path.resolve(root, file), ...args];
  const child = spawnGuarded(command, { env, stdio: ['inherit', 'inherit', 'inherit'] });
  forwardSignals(child);
  child.once('error', (error) => fail(`${command[0]}: cannot be started (${error.message}). Remedy: delete node_modules and try again.`));
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (osConstants.signals[signal] ?? 1);
    for (const name of FORWARDED) process.removeAllListeners(name);
  });
}

if (Number(process.versions.node.split('.')[0]) < 18) {
  fail(`Node 18 or later is needed to start (this is ${process.version}). Remedy: install Node 24 from https://nodejs.org`);
}
const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail('Usage: node scripts/run.mjs <file.ts> [arguments]');
if (!existsSync(path.resolve(root, file))) {
  const folder = path.dirname(path.resolve(root, file));
  const near = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .join(', ')
    : '';
  fail(`${file}: no such file in ${root}.${near ? ` There are: ${near}` : ''}`);
}
run(await prepare(), file, args);
