// How moments and spans of time are written. All come from the API in UTC and are shown in this machine's zone.
import type { Language } from "../wording/languages";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options);
  formats.set(key, made);
  return made;
}

/** 14:05:09 */
export function clockTime(moment: string | number | Date, language: Language, seconds = true): string {
  return format(language, {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).format(new Date(moment));
}

/** 3 Mar 2026, 14:05 */
export function dateTime(moment: string | number | Date, language: Language): string {
  return format(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(new Date(moment));
}

/** 14:05:09 where it is of the same day as `now`, else with the date. What is only planned has no seconds. */
export function when(moment: string | number | Date, now: number, language: Language, seconds = true): string {
  const at = new Date(moment);
  const sameDay = at.toDateString() === new Date(now).toDateString();
  return sameDay ? clockTime(at, language, seconds) : dateTime(at, language);
}

/** 0:07, 12:40, 1:02:00: what a stopwatch shows. Never below 0. */
export function stopwatch(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const two = (figure: number) => String(figure).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
