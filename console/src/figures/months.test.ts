import { expect, test } from "vitest";
import { isMonth, monthName, monthOf, shifted, spanOf } from "./months";

test("a month and its neighbours, over the turn of the year", () => {
  expect(monthOf(new Date(2026, 0, 31, 23).getTime())).toBe("2026-01");
  expect(shifted("2026-01", -1)).toBe("2025-12");
  expect(shifted("2026-12", 1)).toBe("2027-01");
  expect(shifted("2026-05", -12)).toBe("2025-05");
});

test("a month in words", () => {
  expect(monthName("2026-11", "en")).toBe("November 2026");
  expect(monthName("2027-01", "zh-CN")).toBe("2027年1月");
});

test("what is a month", () => {
  expect(isMonth("2026-10")).toBe(true);
  for (const text of ["2026-13", "2026-00", "2026-1", "2026", "", "2026-10-01"]) expect(isMonth(text)).toBe(false);
});

test("a month's span ends where the next begins", () => {
  expect(spanOf("2026-12").last).toBe(spanOf("2027-01").first);
});
