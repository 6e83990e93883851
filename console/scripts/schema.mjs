// Writes src/api/schema.d.ts anew.
import { writeFileSync } from "node:fs";
import { described } from "./describe.mjs";

writeFileSync(new URL("../src/api/schema.d.ts", import.meta.url), await described());
