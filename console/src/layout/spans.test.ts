import { expect, test } from "vitest";
import { ago, day, share, span, weekday } from "./spans";

const NOW = Date.UTC(2026, 9, 1, 12);

test("how long ago", () => {
  expect(ago(NOW - 5_000, NOW, "en")).toBe("5 sec ago");
  expect(ago(NOW - 5 * 60_000, NOW, "en")).toBe("5 min ago");
  expect(ago(NOW - 90 * 60_000, NOW, "en")).toBe("1 hr ago");
  expect(ago(NOW - 47 * 3_600_000, NOW, "en")).toBe("47 hr ago");
  expect(ago(NOW - 4 * 86_400_000, NOW, "zh-CN")).toBe("4天前");
  expect(ago("2026-10-01T14:00:00Z", NOW, "en")).toBe("in 2 hr");
});

test("spans", () => {
  expect(span(7.4, "en")).toBe("7 s");
  expect(span(150, "en")).toBe("2.5 min");
  expect(span(2_700, "en")).toBe("45 min");
  expect(span(9_000, "en")).toBe("2.5 h");
  expect(span(45, "zh-CN")).toBe("45 秒");
});

test("days do not shift with the machine's zone", () => {
  expect(day("2026-03-02", "en")).toBe("Mon 2 Mar");
  expect(weekday(1, "en")).toBe("Mon");
  expect(weekday(7, "zh-CN")).toBe("周日");
});

test("a share that there is no figure for is no 0 %", () => {
  expect(share(null, "en")).toBe("–");
  expect(share(0, "en")).toBe("0%");
  expect(share(0.9752, "en")).toBe("97.5%");
});
