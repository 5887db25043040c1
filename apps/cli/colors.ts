import pc from 'picocolors';

/** Functions that colour text; they do nothing where nobody looks. */
export type Colors = ReturnType<typeof pc.createColors>;

export const createColors = (enabled: boolean): Colors => pc.createColors(enabled);
