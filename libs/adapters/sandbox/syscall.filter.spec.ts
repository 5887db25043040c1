import { expect, test } from 'vitest';
import { syscallFilter } from './syscall.filter.ts';

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;

/** What the kernel does with the program: runs it over struct seccomp_data, and takes what it returns. */
function verdict(program: Buffer | null, audit: number, number: number, ...args: readonly number[]): number {
  if (program === null) throw new Error('There is no program.');
  const words = [number >>> 0, audit, 0, 0, ...args.flatMap((arg) => [arg >>> 0, 0]), ...Array.from({ length: 12 }, () => 0)];
  let held = 0;
  for (let at = 0; at < program.length; at += 8) {
    const value = program.readUInt32LE(at + 4);
    const jump = (holds: boolean): void => void (at += 8 * program.readUInt8(at + (holds ? 2 : 3)));
    const code = program.readUInt16LE(at);
    if (code === 0x06) return value;
    if (code === 0x20) held = words[value / 4] ?? 0;
    else if (code === 0x15) jump(held === value);
    else if (code === 0x25) jump(held > value);
    else if (code === 0x45) jump((held & value) !== 0);
    else throw new Error(`There is no instruction ${code}.`);
  }
  throw new Error('It ran out of the program.');
}

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

test.each([
  ['x64', X64, { read: 0, execve: 59, mmap: 9, ptrace: 101, addKey: 248, clone: 56, socket: 41, ioctl: 16 }],
  ['arm64', ARM64, { read: 63, execve: 221, mmap: 222, ptrace: 117, addKey: 217, clone: 220, socket: 198, ioctl: 29 }],
] as const)('on %s guests may do what programs do, and nothing that leads out', (arch, audit, { read, execve, mmap, ptrace, addKey, clone, socket, ioctl }) => {
  const asks = (number: number, ...args: readonly number[]) => verdict(syscallFilter(arch), audit, number, ...args);
  expect([read, execve, mmap].map((number) => asks(number))).toEqual([ALLOW, ALLOW, ALLOW]);
  expect([ptrace, addKey, 425].map((number) => asks(number))).toEqual([EPERM, EPERM, EPERM]);
  // A thread, a process, one with a user namespace of its own; clone3 hides its flags.
  expect([0x3d0f00, 0x11, 0x10000011].map((flags) => asks(clone, flags))).toEqual([ALLOW, ALLOW, EPERM]);
  expect(asks(435)).toBe(ENOSYS);
  // AF_UNIX, AF_INET, AF_PACKET, AF_ALG, AF_VSOCK.
  expect([1, 2, 17, 38, 40].map((family) => asks(socket, family))).toEqual([ALLOW, ALLOW, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT]);
  // TCGETS, TIOCSTI.
  expect([0x5401, 0x5412].map((request) => asks(ioctl, 1, request))).toEqual([ALLOW, EPERM]);
});

test('calls of another machine, by other numbers, or newer than the list, are none', () => {
  expect(verdict(syscallFilter('x64'), 0x40000003, 0)).toBe(0x80000000);
  expect(verdict(syscallFilter('x64'), X64, 0x40000000 + 101)).toBe(ENOSYS);
  expect(verdict(syscallFilter('x64'), X64, 467)).toBe(ENOSYS);
  expect(verdict(syscallFilter('x64'), X64, -1)).toBe(ENOSYS);
});

test('there is none where the numbers are not known', () => {
  expect(syscallFilter('riscv64')).toBeNull();
});
