import { SegmentedControl } from "@mantine/core";
import { speak } from "../wording/language";
import { LANGUAGES, type Language } from "../wording/languages";
import { useWording } from "../wording/use-wording";

const NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };

export function LanguageSwitch() {
  const { language, say } = useWording();
  return (
    <SegmentedControl
      aria-label={say("language")}
      size="xs"
      value={language}
      onChange={(chosen) => speak(chosen as Language)}
      data={LANGUAGES.map((each) => ({ value: each, label: <span lang={each}>{NAMES[each]}</span> }))}
    />
  );
}
