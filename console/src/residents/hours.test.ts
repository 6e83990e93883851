import { expect, test } from "vitest";
import { columns, extent } from "./hours";

function figure(hour: number, low: number, high: number, mean: number, readings: number, metric = "heart_rate") {
  return { metric, hour: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(), low, high, mean, readings };
}
const START = Date.UTC(2026, 0, 1) / 1000;

test("two devices in one hour: lowest, highest, and the mean of all readings", () => {
  const made = columns([figure(1, 60, 80, 70, 10), figure(0, 50, 55, 52, 5), figure(1, 58, 70, 64, 30)], "heart_rate");
  expect(made).toEqual({ hours: [START, START + 3600], low: [50, 58], high: [55, 80], mean: [52, 65.5] });
});

test("other metrics stay out", () => {
  expect(columns([figure(0, 1, 2, 1, 1, "spo2")], "heart_rate").hours).toEqual([]);
});

test("hours without readings are a gap in a dense series", () => {
  const dense = Array.from({ length: 60 }, (_, hour) => figure(hour < 30 ? hour : hour + 10, 60, 80, 70, 1));
  const made = columns(dense, "heart_rate");
  expect(made.mean.filter((value) => value === null)).toEqual([null]);
  expect(made.hours[30]).toBe(START + 30 * 3600);
});

test("three weighings are a line, not three dots", () => {
  const made = columns([figure(0, 60, 60, 60, 1), figure(24, 61, 61, 61, 1), figure(48, 62, 62, 62, 1)], "heart_rate");
  expect(made.mean).toEqual([60, 61, 62]);
});

test("extent", () => {
  expect(extent(columns([figure(0, 50, 90, 70, 3), figure(1, 45, 60, 50, 3)], "heart_rate"))).toEqual({
    low: 45,
    high: 90,
  });
  expect(extent(columns([], "heart_rate"))).toBeNull();
});
