import { expect, test } from "vitest";
import { isSilent } from "./silence";

const NOW = Date.UTC(2026, 0, 1, 12);
const heard = (minutes: number, interval_s: number) => ({
  interval_s,
  last_seen: new Date(NOW - minutes * 60_000).toISOString(),
});

test("silent beyond one and a half intervals", () => {
  expect(isSilent(heard(14, 600), NOW)).toBe(false);
  expect(isSilent(heard(16, 600), NOW)).toBe(true);
});

test("what speaks only when something happens is never silent", () => {
  expect(isSilent(heard(100_000, 0), NOW)).toBe(false);
  expect(isSilent({ interval_s: 60, last_seen: null }, NOW)).toBe(false);
});
