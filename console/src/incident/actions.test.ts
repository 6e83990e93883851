import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Incident } from "../queue/merge";
import { type Action, possible, usual } from "./actions";

const NOW = Date.parse("2026-03-01T08:00:00Z");
const ME = { id: 7, supervises: false, works: true };
const mine = { id: 7, name: "陈芳", since: null };
const other = { id: 3, name: "李敏", since: null };
type State = Incident["state"];

function actions(state: State, holder: typeof mine | null = null, looker = ME, until: string | null = null): Action[] {
  return [...possible({ state, claimed_by: holder }, looker, NOW, until)];
}

describe("what may be done", () => {
  test("an open one is claimed; a countdown is the wearer's", () => {
    expect(actions("open")).toContain("claim");
    expect(actions("pending")).toEqual(["note"]);
  });

  test("only its holder works on it", () => {
    expect(actions("claimed", mine)).toEqual(
      expect.arrayContaining(["keep", "call", "dispatch", "close", "hand-over", "release"]),
    );
    expect(actions("claimed", other)).toEqual(["note"]);
  });

  test("a supervisor may do it in the holder's place, but not keep the claim for them", () => {
    const supervisor = { ...ME, id: 1, supervises: true };
    expect(actions("claimed", other, supervisor)).toEqual(expect.arrayContaining(["close", "release", "hand-over"]));
    expect(actions("claimed", other, supervisor)).not.toContain("keep");
  });

  test("help arrives only where it was sent", () => {
    expect(actions("dispatched", mine)).toContain("arrive");
    for (const state of ["claimed", "contacted", "on_scene"] as const)
      expect(actions(state, mine)).not.toContain("arrive");
  });

  test("what is over is reopened within its time only", () => {
    expect(actions("closed", null, ME, "2026-03-01T08:00:01Z")).toContain("reopen");
    expect(actions("closed", null, ME, "2026-03-01T08:00:00Z")).toEqual(["note"]);
    expect(actions("cancelled", null, ME, null)).toEqual(["note"]);
  });

  test("who may only look is offered nothing", () => {
    expect(actions("open", null, { ...ME, works: false })).toEqual([]);
  });

  test("the usual next step is one that is possible", () => {
    const states: State[] = [
      "pending",
      "open",
      "claimed",
      "contacted",
      "dispatched",
      "on_scene",
      "closed",
      "cancelled",
    ];
    for (const state of states) {
      const legal = possible({ state, claimed_by: mine }, ME, NOW, null);
      const next = usual(state, legal);
      if (next !== null) expect(legal).toContain(next);
    }
    expect(usual("claimed", possible({ state: "claimed", claimed_by: other }, ME, NOW, null))).toBeNull();
  });
});

test("nothing is offered that the table of the lifecycle does not have", () => {
  // The diagram is made from the table: "    claimed --> contacted: contact", and a line for what stays in its state.
  const text = readFileSync(new URL("../../../docs/lifecycle.md", import.meta.url), "utf-8");
  const legal = new Set(
    [...text.matchAll(/^ {4}(\S+) --> \S+: (\S+)$/gm)].map(([, state, event]) => `${state} ${event}`),
  );
  for (const [, event, , states] of text.matchAll(/^\| `(\w+)` \|([^|]*)\| ([^|]*) \|$/gm)) {
    for (const state of (states ?? "").split(", ")) legal.add(`${state} ${event}`);
  }
  const event: Record<Action, string> = {
    claim: "claim",
    keep: "renew",
    call: "call",
    dispatch: "dispatch",
    arrive: "arrive",
    close: "close",
    "hand-over": "hand_over",
    release: "release",
    merge: "merge",
    note: "note",
    reopen: "reopen",
  };
  const states: State[] = ["pending", "open", "claimed", "contacted", "dispatched", "on_scene", "closed", "cancelled"];
  const offered = states.flatMap((state) => {
    const held = !["pending", "open", "closed", "cancelled"].includes(state);
    return actions(state, held ? mine : null, ME, "2026-03-01T09:00:00Z").map((action) => `${state} ${event[action]}`);
  });
  expect(offered.length).toBeGreaterThan(30);
  expect(offered.filter((each) => !legal.has(each))).toEqual([]);
});
