import { expect, test } from "vitest";
import { incident } from "../queue/incidents.testdata";
import type { Incident } from "../queue/merge";
import { type Alarm, afterLook, afterQueue, QUIET, titleOf } from "./alarm";

const held = { state: "claimed", claimed_by: { id: 3, name: "李敏", since: null } } as const;

function after(...queues: Incident[][]): Alarm {
  return queues.reduce(afterQueue, QUIET);
}
const fresh = (alarm: Alarm) => alarm.fresh.map((each) => each.id);

test("what is there when the page opens does not ring", () => {
  expect(fresh(after([incident(1)]))).toEqual([]);
});

test("a new emergency rings until somebody looks at it", () => {
  const alarm = after([incident(1)], [incident(1), incident(2)]);
  expect(fresh(alarm)).toEqual([2]);
  expect(fresh(afterLook(alarm, 1))).toEqual([2]);
  expect(fresh(afterLook(alarm, 2))).toEqual([]);
  expect(fresh(afterQueue(afterLook(alarm, "all"), [incident(1), incident(2)]))).toEqual([]);
});

test("it stops when somebody claims it, and rings again when the claim lapses", () => {
  const claimed = after([], [incident(2)], [incident(2, held)]);
  expect(fresh(claimed)).toEqual([]);
  expect(fresh(afterQueue(claimed, [incident(2)]))).toEqual([2]);
});

test("a fall rings when its countdown is over, not before", () => {
  const pending = after([], [incident(2, { state: "pending" })]);
  expect(fresh(pending)).toEqual([]);
  expect(fresh(afterQueue(pending, [incident(2)]))).toEqual([2]);
});

test("care and maintenance do not ring", () => {
  expect(fresh(after([], [incident(2, { queue: "care" }), incident(3, { queue: "maintenance" })]))).toEqual([]);
});

test("nothing changes when nothing has changed", () => {
  const two = incident(2);
  const alarm = after([], [two]);
  expect(afterQueue(alarm, [two, incident(5, { queue: "care" })]).fresh).toBe(alarm.fresh);
  expect(afterLook(alarm, 99)).toBe(alarm);
});

test("the title has the number first", () => {
  expect(titleOf("事件队列", "看护", 2, "紧急")).toBe("(2) 紧急 · 事件队列 · 看护");
  expect(titleOf("事件队列", "看护", 0, "紧急")).toBe("事件队列 · 看护");
  expect(titleOf("", "看护", 0, "紧急")).toBe("看护");
});
