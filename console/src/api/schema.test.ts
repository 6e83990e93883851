import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { described } from "../../scripts/describe.mjs";

test("the types of the API are those of the API (`npm run schema` writes them anew)", { timeout: 60_000 }, async () => {
  const written = readFileSync(new URL("schema.d.ts", import.meta.url), "utf-8");
  expect(written === (await described())).toBe(true);
});
