// Readings and clips as columns for charts, and what they say in a sentence.
import type { Reading, Waveform } from "./use-incident";

export interface Points {
  /** seconds since the epoch, rising */
  readonly times: number[];
  readonly values: (number | null)[];
}

/** The values of a metric, oldest first. Readings come newest first. */
export function pointsOf(readings: readonly Reading[], metric: string): Points {
  const found = readings
    .filter((reading) => reading.metric === metric)
    .map((reading) => [Date.parse(reading.time) / 1000, reading.value] as const)
    .sort(([one], [other]) => one - other);
  return { times: found.map(([time]) => time), values: found.map(([, value]) => value) };
}

/** A line is broken where nothing was heard for so long, seconds: a gap is not a value. */
export function withGaps({ times, values }: Points, longest: number): Points {
  const gapped: Points = { times: [], values: [] };
  times.forEach((time, place) => {
    const before = times[place - 1];
    if (before !== undefined && time - before > longest) {
      gapped.times.push((before + time) / 2);
      gapped.values.push(null);
    }
    gapped.times.push(time);
    gapped.values.push(values[place] ?? null);
  });
  return gapped;
}

/** Steps in each bin of so many seconds, from a counter that may start anew: a smaller value counts from zero. */
export function stepsPerBin(readings: readonly Reading[], bin: number): Points {
  const counts = new Map<number, number>();
  const last = new Map<number, number>();
  const oldestFirst = readings.filter((reading) => reading.metric === "steps").toReversed();
  for (const reading of oldestFirst) {
    const before = last.get(reading.device_id);
    last.set(reading.device_id, reading.value);
    const at = Math.floor(Date.parse(reading.time) / 1000 / bin) * bin;
    const walked = before === undefined ? 0 : reading.value >= before ? reading.value - before : reading.value;
    counts.set(at, (counts.get(at) ?? 0) + walked);
  }
  const times = [...counts.keys()].sort((one, other) => one - other);
  return { times: times.map((time) => time + bin / 2), values: times.map((time) => counts.get(time) ?? 0) };
}

export interface Lane {
  /** the device's */
  readonly id: number;
  /** seconds since the epoch, rising */
  readonly times: readonly number[];
}

/** Signs of life: motion that begins, a door that opens or closes, somebody into or out of bed; each device a lane. */
export function lanesOf(readings: readonly Reading[]): Lane[] {
  const times = new Map<number, number[]>();
  const last = new Map<number, number>();
  for (const reading of readings.toReversed()) {
    const before = last.get(reading.device_id);
    const moves =
      reading.metric === "motion"
        ? reading.value === 1
        : (reading.metric === "door_open" || reading.metric === "bed_occupied") &&
          before !== undefined &&
          before !== reading.value;
    if (["motion", "door_open", "bed_occupied"].includes(reading.metric)) last.set(reading.device_id, reading.value);
    if (!moves) continue;
    const lane = times.get(reading.device_id) ?? [];
    lane.push(Date.parse(reading.time) / 1000);
    times.set(reading.device_id, lane);
  }
  return [...times.entries()].map(([id, found]) => ({ id, times: found })).sort((one, other) => one.id - other.id);
}

export interface Acceleration {
  /** seconds before (negative) and after the event */
  readonly times: number[];
  readonly x: (number | null)[];
  readonly y: (number | null)[];
  readonly z: (number | null)[];
  /** length of the vector, g */
  readonly whole: (number | null)[];
}

/** Clips as one curve in g; where no clip follows at once the curve is broken. event: milliseconds. */
export function accelerationOf(clips: readonly Waveform[], event: number): Acceleration {
  const curve: Acceleration = { times: [], x: [], y: [], z: [], whole: [] };
  for (const clip of clips) {
    const begin = (Date.parse(clip.time) - event) / 1000;
    const end = curve.times.at(-1);
    if (end !== undefined && begin <= end) continue;
    if (end !== undefined && begin - end > 2.5 / clip.rate) push(curve, (begin + end) / 2, null);
    clip.samples.forEach((sample, place) => {
      push(curve, begin + place / clip.rate, sample);
    });
  }
  return curve;
}

function push(curve: Acceleration, time: number, milliG: readonly number[] | null): void {
  const [x, y, z] = milliG === null ? [null, null, null] : milliG.map((value) => value / 1000);
  curve.times.push(time);
  curve.x.push(x ?? null);
  curve.y.push(y ?? null);
  curve.z.push(z ?? null);
  curve.whole.push(milliG === null ? null : Math.hypot(...milliG) / 1000);
}

export interface Extent {
  readonly low: number;
  readonly high: number;
  /** seconds, where it is highest */
  readonly highAt: number;
  readonly last: number;
}

/** The lowest, the highest and the last value; null where there is none. */
export function extentOf({ times, values }: Points): Extent | null {
  let found: Extent | null = null;
  values.forEach((value, place) => {
    if (value === null) return;
    const at = times[place] ?? 0;
    found = {
      low: Math.min(found?.low ?? value, value),
      high: Math.max(found?.high ?? value, value),
      highAt: found !== null && found.high >= value ? found.highAt : at,
      last: value,
    };
  });
  return found;
}

/** Columns of several series on the times of all, for a chart that wants one row of times. */
export function aligned(series: readonly Points[]): { times: number[]; columns: (number | null | undefined)[][] } {
  const times = [...new Set(series.flatMap((each) => each.times))].sort((one, other) => one - other);
  const place = new Map(times.map((time, index) => [time, index]));
  const columns = series.map((each) => {
    // undefined: this series has nothing to say there, and its line goes through; null breaks it.
    const column: (number | null | undefined)[] = new Array(times.length).fill(undefined);
    each.times.forEach((time, index) => {
      column[place.get(time) ?? 0] = each.values[index] ?? null;
    });
    return column;
  });
  return { times, columns };
}
