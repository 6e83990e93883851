import { expect, test } from "vitest";
import { distance, isHome } from "./place";

test("a thousandth of a degree north is 111 m", () => {
  expect(distance({ latitude: 30.25, longitude: 120.15 }, { latitude: 30.251, longitude: 120.15 })).toBeCloseTo(
    111.2,
    0,
  );
});

test("a thousandth of a degree east is shorter, the further north the more", () => {
  const east = (latitude: number) => distance({ latitude, longitude: 120 }, { latitude, longitude: 120.001 });
  expect(east(30)).toBeCloseTo(96.3, 0);
  expect(east(60)).toBeLessThan(east(30));
  expect(distance({ latitude: 30, longitude: 120 }, { latitude: 30, longitude: 120 })).toBe(0);
});

test("an inexact fix near home does not say that somebody has left it", () => {
  expect(isHome(30, 5)).toBe(true);
  expect(isHome(180, 200)).toBe(true);
  expect(isHome(180, 20)).toBe(false);
  expect(isHome(60, null)).toBe(false);
});
