// Spans of time and days as people say them.
import type { Language } from "../wording/languages";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

function locale(language: Language): string {
  return language === "en" ? "en-GB" : language;
}

/** "3 min ago", "in 2 hr". moment, now: milliseconds or RFC 3339. */
export function ago(moment: string | number, now: number, language: Language): string {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  const format = new Intl.RelativeTimeFormat(locale(language), { numeric: "auto", style: "short" });
  if (size < MINUTE) return format.format(Math.round(seconds), "second");
  if (size < HOUR) return format.format(Math.round(seconds / MINUTE), "minute");
  if (size < 2 * DAY) return format.format(Math.round(seconds / HOUR), "hour");
  return format.format(Math.round(seconds / DAY), "day");
}

const UNITS: Readonly<Record<Language, readonly [string, string, string]>> = {
  en: [" s", " min", " h"],
  "zh-CN": [" 秒", " 分钟", " 小时"],
};

/** A span in its largest fitting unit: "45 s", "12 min", "3.5 h". */
export function span(seconds: number, language: Language): string {
  const unit = seconds < 100 ? 0 : seconds < 2 * HOUR ? 1 : 2;
  const value = [seconds, seconds / MINUTE, seconds / HOUR][unit] ?? seconds;
  const digits = unit === 0 || value >= 20 ? 0 : 1;
  return (
    new Intl.NumberFormat(locale(language), { maximumFractionDigits: digits }).format(value) + UNITS[language][unit]
  );
}

/** "Mon 3 Mar" of a day written YYYY-MM-DD, whatever the zone. */
export function day(date: string, language: Language): string {
  const format = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(language), format).format(new Date(`${date}T00:00:00Z`));
}

/** "Mon" of 1 (Monday) to 7 (Sunday). */
export function weekday(number: number, language: Language): string {
  const format = { weekday: "short", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(language), format).format(new Date(Date.UTC(2024, 0, number)));
}

/** "12.5 %" of 0.125; a dash where there is no figure. */
export function share(value: number | null, language: Language): string {
  if (value === null) return "–";
  return new Intl.NumberFormat(locale(language), { style: "percent", maximumFractionDigits: 1 }).format(value);
}
