export type Language = 'javascript' | 'python';
export const LANGUAGES: readonly Language[] = ['javascript', 'python'];

/** The programs that walls are made of; null: not on this machine. */
export interface Walls {
  readonly bwrap: string | null;
  /** For bubblewrap: the system calls that the kernel refuses. Null: unknown on this kind of machine. */
  readonly filter: Buffer | null;
  readonly prlimit: string | null;
  readonly setpriv: string | null;
}

/** What reads the guest's text. Files are absolute paths. */
export type Runtime =
  | { readonly kind: 'deno'; readonly program: string }
  | { readonly kind: 'cpython'; readonly program: string }
  /** Python inside Deno: the folder of the package, and the memory that guests start from. */
  | { readonly kind: 'pyodide'; readonly program: string; readonly folder: string; readonly snapshot: string };

/** One way to run a language. */
export interface Tier {
  readonly name: 'bwrap+deno' | 'deno' | 'bwrap+cpython' | 'bwrap+pyodide' | 'pyodide';
  readonly runtime: Runtime;
  /** With `bwrap` set, bubblewrap stands around the runtime. */
  readonly walls: Walls;
  /** Guests get users of their own, one each. Only root can; for root itself the limit of processes does not hold. */
  readonly ownUser: boolean;
  /** Seconds of CPU of one process: the belt behind the deadline, for guests of a killed runner. */
  readonly cpuSeconds: number;
}

/** How the argument begins that marks the processes of this runner's guests, to look for what is left of them. */
export const MARK = `agent-platform-guest-${process.pid}-`;
