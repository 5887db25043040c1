/** ISO instant so many seconds after another; milliseconds are kept. */
export const instantAfter = (instant: string, seconds: number): string => new Date(Date.parse(instant) + Math.round(seconds * 1000)).toISOString();
