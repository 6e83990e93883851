import { expect, test } from "vitest";
import { readTime, timeAt } from "./clock";

test("the header tells the time and how fast it goes", () => {
  expect(readTime("1764165123456;speed=72.000", 500)).toEqual({ server: 1764165123456, steady: 500, speed: 72 });
  expect(readTime("1764165123456", 500)).toEqual({ server: 1764165123456, steady: 500, speed: 1 });
});

test("anything else tells nothing", () => {
  for (const header of [null, "", "soon", "12;speed=0", "12;speed=x", "-5", "12, 13"])
    expect(readTime(header, 0)).toBeNull();
});

test("time goes on from what was heard, at its own speed", () => {
  const sample = { server: 1_000_000, steady: 200, speed: 72 };
  expect(timeAt(sample, 1_200)).toBe(1_000_000 + 72_000);
});
