import { useMemo, useSyncExternalStore } from "react";
import { language, onLanguage } from "./language";
import { type Wording, wordingOf } from "./wording";

export type { Wording };

/** The console's texts in the language that is spoken now. */
export function useWording(): Wording {
  const spoken = useSyncExternalStore(onLanguage, language);
  return useMemo(() => wordingOf(spoken), [spoken]);
}
