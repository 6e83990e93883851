import { expect, test } from "vitest";
import { beginning, days, fieldOf, holds, monday } from "./week";

const SUNDAY = new Date(2026, 9, 4, 23, 30).getTime();

function shift(from: Date, to: Date) {
  return { starts_at: from.toISOString(), ends_at: to.toISOString() };
}

test("a week begins on Monday, also on a Sunday", () => {
  expect(new Date(monday(SUNDAY))).toEqual(new Date(2026, 8, 28));
  expect(new Date(monday(new Date(2026, 8, 28).getTime()))).toEqual(new Date(2026, 8, 28));
  expect(new Date(monday(SUNDAY, 1))).toEqual(new Date(2026, 9, 5));
  expect(new Date(monday(SUNDAY, -1))).toEqual(new Date(2026, 8, 21));
});

test("seven days and the end", () => {
  const all = days(monday(SUNDAY));
  expect(all.length).toBe(8);
  expect(new Date(all[7] ?? 0)).toEqual(new Date(2026, 9, 5));
});

test("a shift stands on the day on which it begins", () => {
  const night = shift(new Date(2026, 8, 30, 20), new Date(2026, 9, 1, 8));
  const [, , wednesday = 0, thursday = 0, friday = 0] = days(monday(SUNDAY));
  expect(beginning([night], wednesday, thursday, false)).toEqual([night]);
  expect(beginning([night], thursday, friday, false)).toEqual([]);
});

test("what began on Sunday night is seen on the week's Monday", () => {
  const night = shift(new Date(2026, 8, 27, 20), new Date(2026, 8, 28, 8));
  const [first = 0, second = 0] = days(monday(SUNDAY));
  expect(beginning([night], first, second, true)).toEqual([night]);
  expect(beginning([night], first, second, false)).toEqual([]);
});

test("a shift holds from its first moment up to its last", () => {
  const day = shift(new Date(2026, 9, 1, 8), new Date(2026, 9, 1, 20));
  expect(holds(day, new Date(2026, 9, 1, 8).getTime())).toBe(true);
  expect(holds(day, new Date(2026, 9, 1, 20).getTime())).toBe(false);
});

test("a field's moment is this machine's", () => {
  expect(fieldOf(new Date(2026, 9, 1, 8, 5).getTime())).toBe("2026-10-01T08:05");
});
