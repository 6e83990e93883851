import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LANGUAGES } from "../wording/languages";
import { has } from "../wording/messages";

const API = new URL("../../../api/", import.meta.url);
const SERVICE = new URL("../../../alerts/service/", import.meta.url);

// Said in words of their own: who has it, in which state it is, what the sign-in page says.
const OWN = new Set(["incident-held", "wrong-state", "wrong-name-or-password", "refresh-token-spent"]);
// No person can bring them about with this page.
const PROGRAMS = new Set(["idempotency-key-reused", "invalid-json", "not-ready", "not-signed"]);

/** What refuses: the slugs in the API's and the service's own files. */
function slugs(folder: URL, call: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf-8" }).filter((file) => file.endsWith(".py"));
  const pattern = new RegExp(`${call}\\(\\s*(?:HTTPStatus\\.\\w+,\\s*)?"([a-z-]+)"`, "g");
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf-8").matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

test("whatever is refused is said in words, in every language", () => {
  const all = new Set([...slugs(API, "ProblemError"), ...slugs(SERVICE, "NotNow")]);
  expect(all.size).toBeGreaterThan(20);
  const wanted = [...all].filter((slug) => !OWN.has(slug) && !PROGRAMS.has(slug));
  for (const language of LANGUAGES) expect(wanted.filter((slug) => !has(language, `problem-${slug}`))).toEqual([]);
});
