// Hourly figures as a chart draws them.
import type { Hour } from "./use-resident";

/** One metric's columns, hour by hour. A missing hour is a gap, not a line across it. */
export interface Columns {
  /** seconds since the epoch */
  readonly hours: number[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
  readonly mean: (number | null)[];
}

const HOUR = 3_600;

/** The figures of one metric over all devices: the lowest, the highest, and the mean of all readings. */
export function columns(
  figures: readonly Pick<Hour, "metric" | "hour" | "low" | "high" | "mean" | "readings">[],
  metric: string,
): Columns {
  const merged = new Map<number, { low: number; high: number; sum: number; readings: number }>();
  for (const each of figures) {
    if (each.metric !== metric) continue;
    const hour = Math.floor(Date.parse(each.hour) / 1000);
    const before = merged.get(hour);
    merged.set(hour, {
      low: Math.min(each.low, before?.low ?? each.low),
      high: Math.max(each.high, before?.high ?? each.high),
      sum: each.mean * each.readings + (before?.sum ?? 0),
      readings: each.readings + (before?.readings ?? 0),
    });
  }
  const known = [...merged.keys()].sort((one, other) => one - other);
  const result: Columns = { hours: [], low: [], high: [], mean: [] };
  for (const [index, hour] of known.entries()) {
    const before = known[index - 1];
    // Some meters are read a few times a day: only from the second missing hour on of a dense series is it a gap.
    if (before !== undefined && hour - before > 3 * HOUR && known.length > 48) push(result, before + HOUR, null);
    const found = merged.get(hour);
    push(result, hour, found ? { low: found.low, high: found.high, mean: found.sum / found.readings } : null);
  }
  return result;
}

function push(to: Columns, hour: number, figures: { low: number; high: number; mean: number } | null): void {
  to.hours.push(hour);
  to.low.push(figures?.low ?? null);
  to.high.push(figures?.high ?? null);
  to.mean.push(figures?.mean ?? null);
}

/** The lowest and the highest of a metric; null where there is nothing. */
export function extent({ low, high }: Columns): { low: number; high: number } | null {
  const lows = low.filter((value) => value !== null);
  const highs = high.filter((value) => value !== null);
  return lows.length === 0 ? null : { low: Math.min(...lows), high: Math.max(...highs) };
}
