// The types of the API, from the application's own description: no server runs, no database is asked.
// PYTHON names the Python that Kanhu is installed in; else that of the project's .venv.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTypescript, { astToString, COMMENT_HEADER } from "openapi-typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const own = `${root}.venv/bin/python`;

/** The text of src/api/schema.d.ts as it should be now. */
export async function described() {
  const python = process.env.PYTHON ?? (existsSync(own) ? own : "python3");
  const text = execFileSync(python, ["-m", "api.openapi"], { cwd: root, encoding: "utf-8", maxBuffer: 64 << 20 });
  return COMMENT_HEADER + astToString(await openapiTypescript(JSON.parse(text), { alphabetize: true }));
}
