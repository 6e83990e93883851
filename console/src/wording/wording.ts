import type { Language } from "./languages";
import { type Arguments, has, say } from "./messages";

export interface Wording {
  readonly language: Language;
  /** A message by its name: `say("close")`, `say("sign-in-wait", { seconds: 12 })`. */
  say(name: string, given?: Arguments): string;
  /** A message whose name comes from data that may be newer than this page; else the data itself. */
  sayOr(name: string, otherwise: string): string;
}

export function wordingOf(spoken: Language): Wording {
  return {
    language: spoken,
    say: (name, given) => say(spoken, name, given),
    sayOr: (name, otherwise) => (has(spoken, name) ? say(spoken, name) : otherwise),
  };
}
