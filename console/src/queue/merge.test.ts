import { describe, expect, test } from "vitest";
import type { Change } from "../live/stream";
import { incident } from "./incidents.testdata";
import { byUrgency, type Incident, merged } from "./merge";

function change(id: number, of: Incident): Change {
  return { id, at: "2026-03-01T08:01:00Z", event: "claim", actor: "user:1", incident: of };
}

const ids = (queue: readonly Incident[]) => queue.map((each) => each.id);

describe("the order", () => {
  test("queue before severity before waiting", () => {
    const queue = [
      incident(1, { queue: "care", severity: 5 }),
      incident(2, { severity: 3, raised_at: "2026-03-01T07:00:00Z" }),
      incident(3, { severity: 5, raised_at: "2026-03-01T09:00:00Z" }),
      incident(4, { severity: 5, raised_at: "2026-03-01T08:59:00Z" }),
      incident(5, { queue: "maintenance", severity: 5 }),
    ];
    expect(ids(queue.sort(byUrgency))).toEqual([4, 3, 2, 1, 5]);
  });
});

describe("changes", () => {
  const queue = [incident(1), incident(2), incident(3)];

  test("a new one takes its place", () => {
    const comes = incident(9, { severity: 5 });
    expect(ids(merged(queue, [change(1, comes)]))).toEqual([9, 1, 2, 3]);
    expect(ids(merged(queue, [change(1, incident(9, { queue: "care" }))]))).toEqual([1, 2, 3, 9]);
  });

  test("one that is over leaves, and leaves only once", () => {
    const over = [change(1, incident(2, { state: "closed" }))];
    expect(ids(merged(queue, over))).toEqual([1, 3]);
    expect(ids(merged(merged(queue, over), over))).toEqual([1, 3]);
  });

  test("the last of several changes counts", () => {
    const changes = [change(1, incident(2, { state: "closed" })), change(2, incident(2, { state: "open" }))];
    expect(ids(merged(queue, changes))).toEqual([1, 2, 3]);
    expect(ids(merged(queue, changes.reverse()))).toEqual([1, 3]);
  });

  test("a change of severity moves it", () => {
    expect(ids(merged(queue, [change(1, incident(3, { severity: 5 }))]))).toEqual([3, 1, 2]);
  });

  test("rows that did not change stay the same objects", () => {
    const after = merged(queue, [change(1, incident(2, { severity: 5 }))]);
    expect(after[1]).toBe(queue[0]);
    expect(merged(queue, [])).toBe(queue);
  });

  test("many at once give the same as one after another", () => {
    const changes = Array.from({ length: 200 }, (_, n) =>
      change(n, incident((n * 7) % 40, { severity: 1 + (n % 5), state: n % 11 === 0 ? "closed" : "open" })),
    );
    const oneByOne = changes.reduce<readonly Incident[]>((after, each) => merged(after, [each]), []);
    expect(merged([], changes)).toEqual(oneByOne);
  });
});
