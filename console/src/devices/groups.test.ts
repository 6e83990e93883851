import { expect, test } from "vitest";
import { counted, groupOf } from "./groups";

test("every trouble has its group, one of a newer Kanhu too", () => {
  expect(groupOf({ kind: "home_silent" })).toBe("silent");
  expect(groupOf({ kind: "never_heard_of" })).toBe("other");
});

test("counts", () => {
  const kinds = ["device_silent", "home_silent", "battery_low", "clock_wrong", "not_worn", "device_silent"];
  expect(counted(kinds.map((kind) => ({ kind })))).toEqual({ silent: 3, battery: 1, worn: 1, other: 1 });
});
