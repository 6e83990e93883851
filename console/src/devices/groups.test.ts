import { expect, test } from "vitest";
import { byStorm, counted, groupOf } from "./groups";

test("every trouble has its group, one of a newer Kanhu too", () => {
  expect(groupOf({ kind: "home_silent" })).toBe("silent");
  expect(groupOf({ kind: "never_heard_of" })).toBe("other");
});

test("counts", () => {
  const kinds = ["device_silent", "home_silent", "battery_low", "clock_wrong", "not_worn", "device_silent"];
  expect(counted(kinds.map((kind) => ({ kind })))).toEqual({ silent: 3, battery: 1, worn: 1, other: 1 });
});

test("what has one cause stands together; no line is lost where its storm is not known", () => {
  const [one, two, other, gone] = [
    { id: 1, storm_id: 7 },
    { id: 2, storm_id: 7 },
    { id: 3, storm_id: null },
    { id: 4, storm_id: 8 },
  ];
  const { of, single } = byStorm([one, other, two, gone], [{ id: 7 }, { id: 9 }]);
  expect(of.get(7)).toEqual([one, two]);
  expect(of.get(9)).toEqual([]);
  expect(single).toEqual([other, gone]);
});
