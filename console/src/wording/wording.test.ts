// Both languages have the same messages with the same arguments, and every message that the console's code names exists.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MessageReference, parse, type Resource, type VariableReference, Visitor } from "@fluent/syntax";
import { describe, expect, test } from "vitest";
import { LANGUAGES, type Language } from "./languages";
import { bundleOf, sources } from "./messages";

const SOURCE = join(import.meta.dirname, "..");

class Variables extends Visitor {
  readonly names = new Set<string>();
  /** messages that are parts of others */
  readonly parts = new Set<string>();

  override visitMessageReference(node: MessageReference): void {
    this.parts.add(node.id.name);
  }

  override visitVariableReference(node: VariableReference): void {
    this.names.add(node.id.name);
  }
}

/** The messages that other messages are put together from. */
function parts(language: Language): Set<string> {
  const visited = new Variables();
  for (const text of sources(language)) visited.visit(parse(text, {}));
  return visited.parts;
}

/** name → its arguments */
function messages(language: Language): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of sources(language)) {
    const resource: Resource = parse(text, {});
    for (const entry of resource.body) {
      if (entry.type === "Junk") throw new Error(`${language}: not Fluent: ${entry.content}`);
      if (entry.type !== "Message") continue;
      const variables = new Variables();
      variables.visit(entry);
      found.set(entry.id.name, [...variables.names].sort().join(" "));
    }
  }
  return found;
}

function code(): { file: string; text: string }[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf-8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test.") && !file.endsWith(".d.ts"))
    .map((file) => ({ file, text: readFileSync(join(SOURCE, file), "utf-8") }));
}

// say("name"), sayOr("name", …), and names that are kept in tables: { wording: "name" }
const NAMED = /(?:\bsay(?:Or)?\(|\bwording: )\s*"([a-z][A-Za-z0-9_-]*)"/g;
// say(`kind-${…}`): something must begin like this
const BEGUN = /\bsay(?:Or)?\(\s*`([a-z][a-z0-9-]*-)\$\{/g;

describe("wording", () => {
  test("both languages have the same messages, with the same arguments", () => {
    const [first, ...others] = LANGUAGES.map((each) => messages(each));
    expect(first?.size).toBeGreaterThan(50);
    for (const other of others) expect(Object.fromEntries(other)).toEqual(Object.fromEntries(first ?? []));
  });

  test("no message is defined twice", () => {
    for (const language of LANGUAGES) expect(() => bundleOf(language)).not.toThrow();
  });

  test("every message that is named in the code exists", () => {
    const names = new Set(messages("en").keys());
    const missing = code().flatMap(({ file, text }) =>
      [...text.matchAll(NAMED)]
        .map((match) => match[1] ?? "")
        .filter((name) => !names.has(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test("every name that is put together has messages that begin like it", () => {
    const names = [...messages("en").keys()];
    const begun = code().flatMap(({ text }) => [...text.matchAll(BEGUN)].map((match) => match[1] ?? ""));
    expect(begun.length).toBeGreaterThan(0);
    expect(begun.filter((beginning) => !names.some((name) => name.startsWith(beginning)))).toEqual([]);
  });

  test("no message of the console's own is left over", () => {
    const text = code()
      .map((each) => each.text)
      .join("\n");
    const begun = [...text.matchAll(BEGUN)].map((match) => match[1] ?? "");
    const shared = /^(kind|queue|severity|closure|message|command|lost|confirm|call|acknowledged)-/;
    const others = parts("en");
    const unused = [...messages("en").keys()].filter(
      (name) =>
        !others.has(name) &&
        !shared.test(name) &&
        !text.includes(`"${name}"`) &&
        !begun.some((beginning) => name.startsWith(beginning)),
    );
    expect(unused).toEqual([]);
  });
});
