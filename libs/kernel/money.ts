/** Digits behind the point that amounts of money are kept with. */
const SCALE = 12;

/** A decimal text, e.g. `"0.0021"`, in units of 10^-12: exact, where floats lose cents. */
export function toUnits(text: string): bigint {
  const [whole = '0', part = ''] = text.split('.');
  return BigInt(whole + part.slice(0, SCALE).padEnd(SCALE, '0'));
}

/** The shortest decimal text of so many units. */
export function toMoney(units: bigint): string {
  const text = units.toString().padStart(SCALE + 1, '0');
  return `${text.slice(0, -SCALE)}.${text.slice(-SCALE)}`.replace(/\.?0+$/, '') || '0';
}

/** Units of a float, as price lists calculate; floats are exact to more digits than are kept here. */
export const fromFloat = (amount: number): bigint => BigInt(Math.round(amount * 10 ** SCALE));
