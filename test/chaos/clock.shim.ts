// Loaded before a role (`--import`): its wall clock is wrong, as CHAOS_CLOCK says: `+3600` or `-3600` seconds, or `jumping`
// (an hour ahead for 5 s, right for 5 s). Nothing of this exists in production; monotonic time stays right.
const RealDate = Date;
const realNow = Date.now;
const wanted = process.env['CHAOS_CLOCK'] ?? '';
const JUMP_MS = 5_000;

const offsetMs = (): number => (wanted === 'jumping' ? (Math.floor(performance.now() / JUMP_MS) % 2) * 3_600_000 : Number(wanted) * 1000);
const now = (): number => realNow() + offsetMs();

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: [], made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made) as object,
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
