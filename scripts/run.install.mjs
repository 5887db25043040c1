// Installs the packages and finds the Node 24 among them. Plain JavaScript for Node 18, nothing imported but Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, existsSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from './run.guard.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache');
export const modules = path.join(root, 'node_modules');
const stamp = path.join(modules, '.installed-from');
const installLog = path.join(cache, 'install.log');
const NEEDED_NODE = 24;

/** Says what is wrong and what to do about it, and ends. */
export function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');

/**
 * True when node_modules was installed by us from this package-lock.json, or when what npm wrote down
 * about it agrees with that file. Contents are compared, not times: a checkout touches files, and an
 * interrupted `npm ci` leaves neither of the two notes.
 */
function isInstalled() {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const present = readJson(path.join(modules, '.package-lock.json'))?.packages;
  if (wanted === undefined) fail(`package-lock.json: missing or not JSON in ${root}. Restore it: git checkout package-lock.json`);
  if (present === undefined) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true;
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.includes('node_modules/')) return true; // the root and the workspaces' own folders
    const found = present[name];
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity && found.link === entry.link;
  });
}

/** Whether a process lives; a process of another user counts as living. */
function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Removes a dead process's lock file. Of several that try, one succeeds, and a new holder's file survives. */
function takeAway(lock, holder) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== String(holder)) linkSync(aside, lock);
    unlinkSync(aside);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

/** Runs `work` while no other process does; waits for the one that is at it. */
async function alone(lock, work) {
  mkdirSync(path.dirname(lock), { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`${lock}: cannot be written (${error.code}). Make the folder writable for this user.`);
    }
    // A file that is still empty belongs to someone between creating and filling it.
    const holder = Number((existsSync(lock) && readFileSync(lock, 'utf8')) || Number.NaN);
    if (Number.isInteger(holder) && !lives(holder)) {
      takeAway(lock, holder);
      continue;
    }
    if (!told) process.stderr.write(`Waiting for process ${holder || '?'}, which installs the packages (${lock})\n`);
    told = true;
    await pause(200);
  }
  const release = () => {
    try {
      unlinkSync(lock);
    } catch {}
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

/**
 * npm without the caller's shadow: `npm run` passes its options on as npm_config_* variables, and
 * some of them (prefix, workspace, omit, dry_run, ignore_scripts) would change what `npm ci` does.
 * What says how to reach the registry stays.
 */
function npmEnvironment() {
  const keep = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|ca|strict_ssl|(https?_)?proxy|noproxy|offline|prefer_offline)$/i;
  const env = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (/^npm_/i.test(key) && !keep.test(key)) continue;
    if (key === 'NODE_ENV' || key === 'NODE_OPTIONS') continue;
    env[key] = value;
  }
  // `npm ci` deletes node_modules: nothing it starts may be found in there.
  env.PATH = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((f) => !f.startsWith(modules))
    .join(path.delimiter);
  return env;
}

/** The npm that started us, run by the Node that started it; else the one on PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath ?? '';
  const nodes = [process.env.npm_node_execpath, process.execPath].filter((f) => f && existsSync(f));
  const node = nodes.find((file) => !file.startsWith(modules)) ?? nodes[0];
  return /npm-cli\.[cm]?js$/.test(cli) && existsSync(cli) ? [node, cli] : ['npm'];
}

async function npm(args, what, { mayBeRefused = false } = {}) {
  const [command, ...before] = npmCommand();
  mkdirSync(cache, { recursive: true });
  const log = openSync(installLog, 'w');
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const show = process.stderr.isTTY
    ? (text, end = '') => process.stderr.write(`\r\x1b[K${text}${end}`)
    : (text, end) => end && process.stderr.write(`${text}${end}`);
  if (!process.stderr.isTTY) process.stderr.write(`${what} ...\n`);
  const ticker = setInterval(() => show(`${what} ... ${seconds()}`), 1000);
  show(`${what} ...`);
  const outcome = await new Promise((resolve) => {
    const child = spawnGuarded([command, ...before, ...args], { cwd: root, env: npmEnvironment(), stdio: ['ignore', log, log] });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => {
        child.kill('SIGTERM');
        resolve(signal);
      });
    }
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : code === 127 ? 'npm is not on PATH' : `npm ended with ${signal ?? `code ${code}`}`));
  });
  if (outcome in osConstants.signals) {
    show(`${what}: interrupted`, '\n');
    process.exit(128 + osConstants.signals[outcome]);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  clearInterval(ticker);
  closeSync(log);
  if (outcome === undefined) {
    show(`${what}: done in ${seconds()}`, '\n');
    return true;
  }
  const lines = readFileSync(installLog, 'utf8').trim().split('\n');
  if (mayBeRefused && lines.some((line) => /^npm (error|ERR!) code EUSAGE/.test(line))) {
    show('package-lock.json does not cover package.json', '\n');
    return false;
  }
  const errors = lines.filter((line) => /^npm (error|ERR!) ./.test(line));
  const reason = (errors.length > 0 ? errors.slice(0, 12) : lines.slice(-12)).join('\n  ');
  fail(`${what}: ${outcome}.\n  ${reason}\nThe whole output is in ${installLog}.
Remedy: check that the npm registry can be reached ("npm ping"), then run "npm ci" in ${root} and try again.`);
}

/**
 * `npm ci` refuses a lock file that lacks anything which package.json leads to, a new workspace or the
 * binary of a platform that nobody here uses; `npm install` takes the locked versions and adds the rest.
 */
async function install() {
  const quiet = ['--no-audit', '--no-fund', '--include=dev'];
  if (!(await npm(['ci', ...quiet], 'Installing packages (npm ci)', { mayBeRefused: true }))) {
    await npm(['install', '--no-save', ...quiet], 'Installing packages (npm install)');
  }
  writeFileSync(stamp, lockHash());
}

function versionOf(binary) {
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    return undefined;
  }
  const { stdout, status } = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout.trim() : undefined;
}

const platformPackage = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;

/** A Node 24: the package's own, or its platform package where npm skipped the install script. */
function findNode() {
  const candidates = [
    path.join(modules, 'node', 'bin', 'node'),
    ...[modules, path.join(modules, 'node', 'node_modules'), path.join(cache, 'node', 'node_modules')].map((folder) =>
      path.join(folder, platformPackage, 'bin', 'node'),
    ),
    process.execPath,
  ];
  return candidates.find((file) => Number(/^v(\d+)\./.exec(versionOf(file) ?? '')?.[1]) >= NEEDED_NODE);
}

/** Installs what is missing; resolves with the path of a Node 24. */
export async function prepare() {
  if (!isInstalled()) {
    await alone(path.join(cache, 'install.lock'), async () => {
      if (!isInstalled()) await install();
    });
  }
  const found = findNode();
  if (found !== undefined) return found;
  const version = readJson(path.join(root, 'package.json'))?.dependencies?.node ?? String(NEEDED_NODE);
  await alone(path.join(cache, 'install.lock'), async () => {
    if (findNode() !== undefined) return;
    mkdirSync(path.join(cache, 'node'), { recursive: true });
    await npm(
      ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', path.join(cache, 'node'), `${platformPackage}@${version}`],
      `Installing Node ${version}`,
    );
  });
  return (
    findNode() ??
    fail(`Node ${NEEDED_NODE} is needed and was neither installed with the packages nor found (this is ${process.version}).
Remedy: install Node ${NEEDED_NODE} from https://nodejs.org and run the command again.`)
  );
}
