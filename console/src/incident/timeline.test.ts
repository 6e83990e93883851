import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../wording/languages";
import { has } from "../wording/messages";
import { wordingOf } from "../wording/wording";
import { type Event, grouped, lineOf, type Names } from "./timeline";

const NAMES: Names = new Map([
  ["contact:12", "王静"],
  ["user:7", "李敏"],
]);
const en = wordingOf("en");

function event(name: string, detail: Event["detail"] = {}, given: Partial<Event> = {}): Event {
  return {
    id: 1,
    at: "2026-03-01T08:00:00Z",
    event: name,
    from_state: "open",
    to_state: "open",
    actor: "user:7",
    actor_name: null,
    detail,
    ...given,
  };
}

function said(name: string, detail: Event["detail"] = {}, given: Partial<Event> = {}): string {
  return lineOf(event(name, detail, given), NAMES, en).text;
}

/** The values of an enumeration in the lifecycle's own file. */
function values(enumeration: string): string[] {
  const text = readFileSync(new URL("../../../alerts/lifecycle.py", import.meta.url), "utf-8");
  const body = text.split(`class ${enumeration}(StrEnum):`)[1]?.split(/^\S/m)[0] ?? "";
  return [...body.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gm)].map((match) => match[1] ?? "");
}

describe("words", () => {
  test("every event of the lifecycle can be said, in every language", () => {
    const events = values("Event");
    expect(events.length).toBeGreaterThan(20);
    for (const language of LANGUAGES) {
      expect(events.filter((each) => !has(language, `event-${each}`))).toEqual([]);
    }
  });

  test("so can every state, every call's outcome and every closure code", () => {
    for (const language of LANGUAGES) {
      expect(values("State").filter((each) => !has(language, `state-${each}`))).toEqual([]);
      expect(values("CallOutcome").filter((each) => !has(language, `call-${each}`))).toEqual([]);
      expect(values("ClosureCode").filter((each) => !has(language, `closure-${each}`))).toEqual([]);
    }
  });

  test("no line shows an argument's name or nothing at all, whatever its detail lacks", () => {
    for (const language of LANGUAGES) {
      for (const name of values("Event")) {
        const line = lineOf(event(name), NAMES, wordingOf(language));
        expect(line.text).not.toMatch(/[{}$]|undefined/);
        expect(line.text.trim()).not.toBe("");
      }
    }
  });
});

describe("what is told", () => {
  test("a call names who was called and what came of it", () => {
    expect(said("call", { outcome: "no_answer", who: "contact", contact: 12 })).toMatch(/王静.*no answer/);
    expect(said("contact", { outcome: "answered", who: "resident" })).toMatch(/resident/i);
  });

  test("a closing names its code, and keeps the note", () => {
    const line = lineOf(event("close", { code: "family_attended", note: "女儿已到家" }), NAMES, en);
    expect(line.text).toMatch(/family was there/);
    expect(line.note).toBe("女儿已到家");
  });

  test("a hand-over names the colleague, an unreachable person is named too", () => {
    expect(said("hand_over", { from: 3, to: 7, note: "" })).toContain("李敏");
    expect(said("unreachable", { who: "contact:12", error: "no working channel" })).toContain("王静");
  });

  test("a late alarm says how late it came", () => {
    expect(said("open", { kind: "sos", late_s: 600 })).toMatch(/10 minutes late/);
    expect(said("open", { kind: "sos", late_s: 3 })).not.toMatch(/late/);
  });

  test("an adjustment gives its reason in the language that is spoken", () => {
    const detail = { raises: false, text: { en: "Less urgent: walking", "zh-CN": "紧急程度降低" } };
    expect(said("adjust", detail)).toContain("Less urgent: walking");
    expect(lineOf(event("adjust", detail), NAMES, wordingOf("zh-CN")).text).toContain("紧急程度降低");
  });

  test("whoever has no name is said in words", () => {
    expect(lineOf(event("open", {}, { actor: "timer" }), NAMES, en).who).toBe("Kanhu");
    expect(lineOf(event("cancel", {}, { actor: "wearer" }), NAMES, en).who).toBe("The wearer");
    expect(lineOf(event("claim", {}, { actor_name: "陈芳" }), NAMES, en).who).toBe("陈芳");
  });
});

test("the newest first; escalation in a row is one line with a number, calls are not", () => {
  const names = ["open", "escalate", "escalate", "escalate", "call", "call", "escalate"];
  const shown = grouped(names.map((name, place) => lineOf(event(name, { step: place }, { id: place }), NAMES, en)));
  expect(shown.map((each) => [each.line.id, each.more])).toEqual([
    [6, 0],
    [5, 0],
    [4, 0],
    [3, 2],
    [0, 0],
  ]);
});
