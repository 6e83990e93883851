import { expect, test } from "vitest";
import { incident } from "./incidents.testdata";
import { tallyOf } from "./tally";

test("what waits, what is in hand, and who waits longest", () => {
  const longest = incident(2, { opened_at: "2026-03-01T07:00:00Z" });
  const queue = [
    incident(1),
    longest,
    incident(3, { state: "dispatched", claimed_by: { id: 1, name: "李敏", since: null } }),
    incident(4, { state: "pending", raised_at: "2026-03-01T06:00:00Z" }),
    incident(5, { queue: "care" }),
  ];
  expect(tallyOf(queue, "emergency")).toEqual({ waiting: 2, held: 1, longest });
  expect(tallyOf(queue, "maintenance")).toEqual({ waiting: 0, held: 0, longest: null });
});
