import { expect, test } from "vitest";
import type { Area } from "../areas/use-areas";
import { filtered, filterOf, searchOf, subtree } from "./filter";
import { incident } from "./incidents.testdata";

const AREAS: Area[] = [
  { code: "330100", name: "杭州市", level: "city", parent: null, path: "/330100/" },
  { code: "330106", name: "西湖区", level: "county", parent: "330100", path: "/330100/330106/" },
  { code: "330106001", name: "北山街道", level: "street", parent: "330106", path: "/330100/330106/330106001/" },
  { code: "330105", name: "拱墅区", level: "county", parent: "330100", path: "/330100/330105/" },
];
const EVERYTHING = { queue: null, standing: null, area: null } as const;
const ME = 7;
const held = { id: 3, name: "李敏", since: "2026-03-01T08:00:30Z" };
const QUEUE = [
  incident(1),
  incident(2, { state: "claimed", claimed_by: held }),
  incident(3, { state: "claimed", claimed_by: { ...held, id: ME } }),
  incident(4, { queue: "care", area: "330105" }),
];

function shown(filter: Partial<Parameters<typeof filtered>[1]>): number[] {
  return filtered(QUEUE, { ...EVERYTHING, ...filter }, AREAS, ME).map((each) => each.id);
}

test("without a filter everything is shown", () => {
  expect(shown({})).toEqual([1, 2, 3, 4]);
});

test("by who has it", () => {
  expect(shown({ standing: "waits" })).toEqual([1, 4]);
  expect(shown({ standing: "held" })).toEqual([2, 3]);
  expect(shown({ standing: "mine" })).toEqual([3]);
});

test("by queue and by an area with all below it", () => {
  expect(shown({ queue: "care" })).toEqual([4]);
  expect(shown({ area: "330106" })).toEqual([1, 2, 3]);
  expect(shown({ area: "330106", standing: "mine" })).toEqual([3]);
  expect([...subtree(AREAS, "330106")]).toEqual(["330106", "330106001"]);
});

test("an area that is not known shows what is in it by its code", () => {
  expect(filtered(QUEUE, { ...EVERYTHING, area: "330105" }, [], ME).map((each) => each.id)).toEqual([4]);
});

test("the filter survives in the page's address, and nonsense does not", () => {
  const filter = { queue: "care", standing: "mine", area: "330106" } as const;
  expect(filterOf(searchOf(filter))).toEqual(filter);
  expect(searchOf(EVERYTHING).toString()).toBe("");
  expect(filterOf(new URLSearchParams("queue=lunch&standing=x"))).toEqual(EVERYTHING);
});
