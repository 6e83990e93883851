// What the API finds wrong with a new channel, field by field, so that it can be said beside the field and in the user's
// language: its own words are English.
import { Refusal } from "../api/problem";

export type Field = "address" | "secret";

/** The fields that are wrong; none where it was refused for another reason. */
export function wrongFields(error: unknown): ReadonlySet<Field> {
  const found = new Set<Field>();
  if (!(error instanceof Refusal) || error.slug !== "wrong-fields") return found;
  for (const { location, field } of error.problem.errors ?? []) {
    if (location !== "body") continue;
    // What is said of the body as a whole is that the address does not fit the kind.
    if (field === "" || field === "address") found.add("address");
    if (field === "secret") found.add("secret");
  }
  return found;
}

/** The place of one more channel: after all that there are. The API counts from 1 to 99. */
export function placeAfter(channels: readonly { readonly call_order: number }[]): number {
  return Math.min(99, 1 + Math.max(0, ...channels.map((channel) => channel.call_order)));
}
