import { describe, expect, test } from "vitest";
import { type Pressed, read, TOGETHER, written } from "./chords";

function press(key: string, held: Partial<Pressed> = {}): Pressed {
  return { key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...held };
}

describe("a pressed key", () => {
  test("is written as its character", () => {
    expect(written(press("j"))).toBe("j");
    expect(written(press("?", { shiftKey: true }))).toBe("?");
    expect(written(press("Enter"))).toBe("Enter");
    expect(written(press("Enter", { shiftKey: true }))).toBe("Shift+Enter");
  });

  test("means the same with caps lock", () => {
    expect(written(press("J"))).toBe("j");
    expect(written(press("J", { shiftKey: true }))).toBe("J");
  });

  test("is not ours with Ctrl, Alt or Meta, or while a character is being composed", () => {
    expect(written(press("c", { ctrlKey: true }))).toBeNull();
    expect(written(press("c", { metaKey: true }))).toBeNull();
    expect(written(press("c", { altKey: true }))).toBeNull();
    expect(written(press("Process"))).toBeNull();
    expect(written(press("Shift", { shiftKey: true }))).toBeNull();
  });
});

describe("chords", () => {
  const known = ["j", "c", "g q", "g b"];

  test("one key is complete at once", () => {
    expect(read("j", null, known, 0)).toEqual({ chord: "j", begun: null });
  });

  test("two keys in a row", () => {
    const first = read("g", null, known, 100);
    expect(first).toEqual({ chord: null, begun: { key: "g", at: 100 } });
    expect(read("q", first.begun, known, 400)).toEqual({ chord: "g q", begun: null });
  });

  test("the second key comes too late", () => {
    expect(read("q", { key: "g", at: 0 }, known, TOGETHER + 1)).toEqual({ chord: null, begun: null });
  });

  test("a second key that makes no chord counts for itself", () => {
    expect(read("c", { key: "g", at: 0 }, known, 10)).toEqual({ chord: "c", begun: null });
    expect(read("g", { key: "g", at: 0 }, known, 10)).toEqual({ chord: null, begun: { key: "g", at: 10 } });
  });
});
