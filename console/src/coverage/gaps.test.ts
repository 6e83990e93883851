import { expect, test } from "vitest";
import { type Coverage, gapsOf, isOld } from "./gaps";

type Item = Coverage["items"][number];

function reason(code: string, given: Partial<Item["reasons"][number]> = {}): Item["reasons"][number] {
  return {
    code,
    text: `says ${code}`,
    since: "2026-03-01T08:00:00Z",
    told_at: "2026-03-01T08:00:05Z",
    count: null,
    residents: [],
    ...given,
  };
}

function item(area: string, queue: Item["queue"], ...reasons: Item["reasons"]): Item {
  return { area, area_name: area, queue, answered: reasons.every((each) => each.count !== null), reasons, since: null };
}

test("one reason in several areas is one gap, the most urgent queue first", () => {
  const { gaps, residents } = gapsOf({
    checked_at: null,
    items: [
      item("北山街道", "care", reason("nobody-on-shift")),
      item("北山街道", "emergency", reason("nobody-on-shift", { since: "2026-03-01T07:00:00Z" })),
      item("西溪街道", "emergency", reason("nobody-on-shift", { told_at: null })),
      item("灵隐街道", "emergency"),
    ],
  });
  expect(gaps.map((gap) => [gap.queue, gap.areas, gap.since, gap.told])).toEqual([
    ["emergency", ["北山街道", "西溪街道"], "2026-03-01T07:00:00Z", false],
    ["care", ["北山街道"], "2026-03-01T08:00:00Z", true],
  ]);
  expect(residents).toEqual([]);
});

test("residents whose contacts can't be reached are named once, and what is not named is counted", () => {
  const named = [{ id: 1, name: "王秀英" }];
  const { gaps, residents } = gapsOf({
    checked_at: null,
    items: [
      item("北山街道", "emergency", reason("no-contact", { count: 3, residents: named })),
      item("北山街道", "care", reason("no-contact", { count: 3, residents: named })),
    ],
  });
  expect(gaps).toEqual([]);
  expect(residents).toEqual([{ text: "says no-contact", residents: named, more: 2 }]);
});

test("an answer that is minutes old is none", () => {
  const at = Date.parse("2026-03-01T08:00:00Z");
  expect(isOld({ checked_at: "2026-03-01T08:00:00Z", items: [] }, at + 179_000)).toBe(false);
  expect(isOld({ checked_at: "2026-03-01T08:00:00Z", items: [] }, at + 181_000)).toBe(true);
  expect(isOld({ checked_at: null, items: [] }, at)).toBe(true);
});
