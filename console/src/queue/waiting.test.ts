import { expect, test } from "vitest";
import { incident } from "./incidents.testdata";
import { levelOf, waitingOf } from "./waiting";

const TARGETS = [60, 180] as const;
const AT = Date.parse("2026-03-01T08:00:00Z");

test("the target is missed from its very second on", () => {
  expect(levelOf(0, TARGETS)).toBe("well");
  expect(levelOf(59_999, TARGETS)).toBe("well");
  expect(levelOf(60_000, TARGETS)).toBe("near");
  expect(levelOf(179_999, TARGETS)).toBe("near");
  expect(levelOf(180_000, TARGETS)).toBe("late");
});

test("waiting counts from the opening, not from the countdown before it", () => {
  const open = incident(0, { raised_at: "2026-03-01T08:00:00Z", opened_at: "2026-03-01T08:00:20Z" });
  expect(waitingOf(open, AT + 50_000, TARGETS)).toEqual({ kind: "waits", milliseconds: 30_000, level: "well" });
  expect(waitingOf(open, AT + 200_000, TARGETS)).toEqual({ kind: "waits", milliseconds: 180_000, level: "late" });
});

test("during the countdown the time counts down, and nobody waits for an answer", () => {
  const pending = incident(0, { state: "pending", countdown_until: "2026-03-01T08:00:20Z" });
  expect(waitingOf(pending, AT + 5_000, TARGETS)).toEqual({ kind: "countdown", milliseconds: 15_000 });
  expect(waitingOf(pending, AT + 25_000, TARGETS)).toEqual({ kind: "countdown", milliseconds: 0 });
});

test("what somebody has is measured since they have it", () => {
  const held = incident(0, {
    state: "claimed",
    claimed_by: { id: 3, name: "李敏", since: "2026-03-01T08:00:30Z" },
  });
  expect(waitingOf(held, AT + 90_000, TARGETS)).toEqual({ kind: "held", milliseconds: 60_000 });
});

test("one whose claim lapsed waits since it opened: nobody has helped meanwhile", () => {
  const lapsed = incident(0, {
    opened_at: "2026-03-01T08:00:00Z",
    first_claimed_at: "2026-03-01T08:00:10Z",
  });
  expect(waitingOf(lapsed, AT + 310_000, TARGETS)).toEqual({ kind: "waits", milliseconds: 310_000, level: "late" });
});

test("only emergencies have a target, and no clock goes below zero", () => {
  expect(waitingOf(incident(0, { queue: "care" }), AT + 900_000, TARGETS)).toMatchObject({ level: "none" });
  expect(waitingOf(incident(30), AT, TARGETS)).toMatchObject({ milliseconds: 0, level: "well" });
});
