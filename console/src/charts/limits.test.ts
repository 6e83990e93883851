import { expect, test } from "vitest";
import { limitedMetrics, linesOf, reach, wordingOf } from "./limits";

const PLAN = {
  systolic_bp: { low: 90, high: 180 },
  diastolic_bp: { low: null, high: 110 },
  heart_rate: { low: null, high: null },
};

test("each limit of each metric is a line in its metric's colour", () => {
  const limited = limitedMetrics(PLAN, ["systolic_bp", "diastolic_bp"], ["green", "blue"]);
  expect(limited.map(({ metric }) => metric)).toEqual(["systolic_bp", "diastolic_bp"]);
  expect(linesOf(limited)).toEqual([
    { value: 90, colour: "green" },
    { value: 180, colour: "green" },
    { value: 110, colour: "blue" },
  ]);
});

test("a metric keeps its own colour where the one before it has no limits", () => {
  expect(
    linesOf(
      limitedMetrics({ diastolic_bp: { low: 50, high: null } }, ["systolic_bp", "diastolic_bp"], ["green", "blue"]),
    ),
  ).toEqual([{ value: 50, colour: "blue" }]);
});

test("without limits, or without a plan, there is no line", () => {
  expect(limitedMetrics(PLAN, ["heart_rate", "spo2"], ["green", "blue"])).toEqual([]);
  expect(limitedMetrics(undefined, ["systolic_bp"], ["green"])).toEqual([]);
});

test("the limits are in the picture, and where there is nothing to draw they make none", () => {
  const lines = linesOf(limitedMetrics(PLAN, ["systolic_bp"], ["green"]));
  expect(reach(120, 130, lines)).toEqual([90, 180]);
  expect(reach(80, 200, lines)).toEqual([80, 200]);
  expect(reach(120, 130, [])).toEqual([120, 130]);
  expect(reach(null, null, lines)).toEqual([null, null]);
});

test("what is said names the sides that there are", () => {
  expect(wordingOf(PLAN.systolic_bp)).toBe("limits-both");
  expect(wordingOf(PLAN.diastolic_bp)).toBe("limits-high");
  expect(wordingOf({ low: 88, high: null })).toBe("limits-low");
});
