export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first of the wanted languages that we have; a language's first part counts (`zh-TW` gets 中文). */
export function bestLanguage(wanted: readonly string[]): Language {
  for (const each of wanted) {
    const found = LANGUAGES.find((ours) => ours.split("-")[0] === each.split("-")[0]?.toLowerCase());
    if (found) return found;
  }
  return "zh-CN";
}
