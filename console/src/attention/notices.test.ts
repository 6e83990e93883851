import { expect, test } from "vitest";
import { incident } from "../queue/incidents.testdata";
import { changes, noticeOf, noticingOf } from "./notices";

const WORDS = {
  kind: (kind: string) => ({ fall: "跌倒" })[kind] ?? kind,
  emergency: "新的紧急事件：",
  area: (code: string) => ({ "330106001": "北山街道" })[code] ?? code,
};

test("it says what and in which area, and neither who nor where", () => {
  const notice = noticeOf(incident(7), WORDS);
  expect(notice).toEqual({ tag: "7", title: "新的紧急事件： 跌倒", body: "北山街道" });
  const { resident, address, household } = incident(7);
  for (const secret of [resident, address, household]) expect(JSON.stringify(notice)).not.toContain(secret);
});

test("a new one is shown once", () => {
  expect(changes(new Set(), [incident(2)]).show.map((each) => each.id)).toEqual([2]);
  expect(changes(new Set([2]), [incident(2)])).toEqual({ show: [], close: [] });
});

test("it is taken away when it is not new any more, and the others stay", () => {
  expect(changes(new Set([2, 3]), [incident(3), incident(4)])).toMatchObject({ show: [{ id: 4 }], close: [2] });
});

test("it is on only where it is wanted and the browser has said yes", () => {
  expect(noticingOf(true, "granted", false)).toBe("on");
  expect(noticingOf(false, "granted", false)).toBe("off");
  expect(noticingOf(true, "default", false)).toBe("off");
  expect(noticingOf(true, "denied", false)).toBe("refused");
  expect(noticingOf(true, "granted", true)).toBe("unable");
  expect(noticingOf(true, null, false)).toBe("none");
});
