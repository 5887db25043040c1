import { REFUSED_CALLS } from './syscall.numbers.ts';

/*
 * A seccomp filter for guests inside bubblewrap, as a program of classic BPF (Linux: Documentation/userspace-api/
 * seccomp_filter.rst). Namespaces leave the whole kernel to talk to; this takes away what no guest needs and exploits
 * and escapes begin with: other processes' memory, mounts, namespaces, BPF, io_uring, userfaultfd, keys (they outlive
 * their process), and sockets other than of this machine's own network, of which there is none: AF_VSOCK knows no
 * namespaces, and leads to the host of a virtual machine. It is a list of what is refused, so it is a second wall.
 */

const REFUSED = Object.values(REFUSED_CALLS);

/** What is newer than this list is not there: mseal is the last one known. */
const NEWEST = 462;

interface Machine {
  /** AUDIT_ARCH_… of linux/audit.h. */
  readonly audit: number;
  readonly clone: number;
  readonly socket: number;
  readonly ioctl: number;
  readonly refused: readonly number[];
}

const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: { audit: 0xc000003e, clone: 56, socket: 41, ioctl: 16, refused: REFUSED.map(([x64]) => x64) },
  arm64: { audit: 0xc00000b7, clone: 220, socket: 198, ioctl: 29, refused: REFUSED.flatMap(([, arm64]) => arm64 ?? []) },
};
const CLONE3 = 435;

/** Every CLONE_NEW… but the one of time, which is no flag of clone. */
const NEW_NAMESPACES = 0x7e020000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: in a network of their own, these lead nowhere. */
const FAMILIES = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX type into a terminal. */
const TYPING = [0x5412, 0x541c];

const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
const refusedWith = (errno: number): number => 0x00050000 + errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in struct seccomp_data; the lower half of an argument, on machines that are little endian. */
const NUMBER = 0;
const ARCH = 4;
const ARGUMENT = [16, 24];

/** Code, jump if true, jump if false, value: struct sock_filter. Jumps skip so many. */
type Step = readonly [code: number, ifTrue: number, ifFalse: number, value: number];
const load = (offset = 0): Step => [0x20, 0, 0, offset];
const end = (how: number): Step => [0x06, 0, 0, how];
const equal = (value: number, ifTrue: number, ifFalse: number): Step => [0x15, ifTrue, ifFalse, value];
const anyBit = (value: number, ifTrue: number, ifFalse: number): Step => [0x45, ifTrue, ifFalse, value];
const above = (value: number, ifTrue: number, ifFalse: number): Step => [0x25, ifTrue, ifFalse, value];

/** The steps for one number; whatever they are, they end. */
const onNumber = (number: number, steps: readonly Step[]): readonly Step[] => [equal(number, 0, steps.length), ...steps];

/** The program, or null for a machine whose numbers are not known here. */
export function syscallFilter(arch: NodeJS.Architecture = process.arch): Buffer | null {
  const machine = MACHINES[arch];
  if (machine === undefined) return null;
  const steps: readonly Step[] = [
    load(ARCH),
    equal(machine.audit, 1, 0),
    end(KILL),
    load(NUMBER),
    // Also what the x32 interface of x64 calls the same by other numbers.
    above(NEWEST, 0, 1),
    end(refusedWith(ENOSYS)),
    ...machine.refused.flatMap((number) => onNumber(number, [end(refusedWith(EPERM))])),
    // Its flags lie in memory, where a filter can't look; without it, libraries take clone.
    ...onNumber(CLONE3, [end(refusedWith(ENOSYS))]),
    ...onNumber(machine.clone, [load(ARGUMENT[0]), anyBit(NEW_NAMESPACES, 0, 1), end(refusedWith(EPERM)), end(ALLOW)]),
    ...onNumber(machine.socket, [
      load(ARGUMENT[0]),
      ...FAMILIES.flatMap((family): readonly Step[] => [equal(family, 0, 1), end(ALLOW)]),
      end(refusedWith(EAFNOSUPPORT)),
    ]),
    ...onNumber(machine.ioctl, [
      load(ARGUMENT[1]),
      ...TYPING.flatMap((request): readonly Step[] => [equal(request, 0, 1), end(refusedWith(EPERM))]),
      end(ALLOW),
    ]),
    end(ALLOW),
  ];
  const program = Buffer.alloc(steps.length * 8);
  steps.forEach(([code, ifTrue, ifFalse, value], index) => {
    const at = index * 8;
    program.writeUInt16LE(code, at);
    program.writeUInt8(ifTrue, at + 2);
    program.writeUInt8(ifFalse, at + 3);
    program.writeUInt32LE(value, at + 4);
  });
  return program;
}
