import { describe, expect, test } from "vitest";
import { accelerationOf, aligned, extentOf, lanesOf, pointsOf, stepsPerBin, withGaps } from "./series";
import type { Reading, Waveform } from "./use-incident";

const AT = Date.parse("2026-03-01T08:00:00Z");

function reading(metric: string, seconds: number, value: number, device = 1): Reading {
  const time = new Date(AT + seconds * 1000).toISOString();
  return { device_id: device, metric, unit: "1", time, value, arrival: time, sent: null };
}
/** newest first, as the API gives them */
const newest = (...readings: Reading[]) => readings.toReversed();
const seconds = (times: readonly number[]) => times.map((time) => time - AT / 1000);

describe("readings", () => {
  test("one metric, oldest first", () => {
    const points = pointsOf(
      newest(reading("heart_rate", 0, 70), reading("spo2", 30, 97), reading("heart_rate", 60, 75)),
      "heart_rate",
    );
    expect(seconds(points.times)).toEqual([0, 60]);
    expect(points.values).toEqual([70, 75]);
  });

  test("a line is broken where nothing was heard", () => {
    const gapped = withGaps({ times: [0, 60, 1000], values: [1, 2, 3] }, 300);
    expect(gapped).toEqual({ times: [0, 60, 530, 1000], values: [1, 2, null, 3] });
  });

  test("steps are counted from a counter, device by device, and a counter that starts anew counts from zero", () => {
    const points = stepsPerBin(
      newest(
        reading("steps", 0, 100),
        reading("steps", 60, 130),
        reading("steps", 70, 500, 2),
        reading("steps", 120, 10),
      ),
      600,
    );
    expect(points.values).toEqual([40]);
    expect(seconds(points.times)).toEqual([300]);
  });

  test("motion that begins, and doors and beds that change, are signs of life", () => {
    const lanes = lanesOf(
      newest(
        reading("motion", 0, 1, 5),
        reading("motion", 30, 0, 5),
        reading("door_open", 40, 0, 3),
        reading("door_open", 50, 0, 3),
        reading("door_open", 60, 1, 3),
        reading("heart_rate", 70, 80, 9),
      ),
    );
    expect(lanes.map((lane) => [lane.id, seconds(lane.times)])).toEqual([
      [3, [60]],
      [5, [0]],
    ]);
  });

  test("the extent knows where the highest was first", () => {
    expect(extentOf({ times: [1, 2, 3, 4], values: [3, 9, null, 9] })).toEqual({ low: 3, high: 9, highAt: 2, last: 9 });
    expect(extentOf({ times: [1], values: [null] })).toBeNull();
  });

  test("series share one row of times; where one has no value its line goes through", () => {
    const { times, columns } = aligned([
      { times: [1, 3], values: [10, null] },
      { times: [2, 3], values: [20, 30] },
    ]);
    expect(times).toEqual([1, 2, 3]);
    expect(columns).toEqual([
      [10, undefined, null],
      [undefined, 20, 30],
    ]);
  });
});

describe("acceleration", () => {
  function clip(secondsFrom: number, samples: [number, number, number][]): Waveform {
    const time = new Date(AT + secondsFrom * 1000).toISOString();
    return { device_id: 1, time, rate: 2, samples, arrival: time };
  }

  test("is in g, around the event, with the length of the vector", () => {
    const curve = accelerationOf(
      [
        clip(-1, [
          [0, 0, 1000],
          [300, 400, 1200],
          [0, 0, 1000],
        ]),
      ],
      AT,
    );
    expect(curve.times).toEqual([-1, -0.5, 0]);
    expect(curve.whole[1]).toBeCloseTo(1.3, 5);
    expect([curve.x[1], curve.y[1], curve.z[1]]).toEqual([0.3, 0.4, 1.2]);
  });

  test("blocks that follow at once are one curve; a gap breaks it; the same clip twice counts once", () => {
    const one: [number, number, number][] = [
      [0, 0, 1000],
      [0, 0, 1000],
    ];
    expect(accelerationOf([clip(0, one), clip(1, one)], AT).whole).toEqual([1, 1, 1, 1]);
    expect(accelerationOf([clip(0, one), clip(5, one)], AT).whole).toEqual([1, 1, null, 1, 1]);
    expect(accelerationOf([clip(0, one), clip(0, one)], AT).times).toEqual([0, 0.5]);
  });
});
