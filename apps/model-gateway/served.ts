/** A provider, and what the model is called there. */
export interface Served {
  readonly provider: string;
  readonly model: string;
}

/** What answers of the built-in model are said to come from. */
export const BUILT_IN_PROVIDER = 'built-in';
