import { expect, test } from "vitest";
import { lastCalls } from "./calls";

function event(name: string, second: number, detail: Record<string, unknown>) {
  const at = `2026-03-01T08:00:0${second}Z`;
  return {
    id: second,
    at,
    event: name,
    from_state: null,
    to_state: "claimed",
    actor: "user:7",
    actor_name: null,
    detail,
  } as const;
}

test("the last call of each, and how often", () => {
  const calls = lastCalls([
    event("claim", 0, {}),
    event("call", 1, { outcome: "no_answer", who: "resident" }),
    event("call", 2, { outcome: "busy", who: "contact", contact: 12 }),
    event("contact", 3, { outcome: "answered", who: "contact", contact: 12 }),
  ]);
  expect(Object.fromEntries(calls)).toEqual({
    resident: { at: "2026-03-01T08:00:01Z", outcome: "no_answer", count: 1 },
    "contact:12": { at: "2026-03-01T08:00:03Z", outcome: "answered", count: 2 },
  });
});
