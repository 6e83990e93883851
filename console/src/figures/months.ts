// Months as the report names them: YYYY-MM.
import type { Language } from "../wording/languages";

/** The month of a moment, by this machine's calendar. now: milliseconds. */
export function monthOf(now: number): string {
  const date = new Date(now);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}`;
}

/** The month so many months later; negative: earlier. */
export function shifted(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const date = new Date(Date.UTC(year, number - 1 + months, 1));
  return date.toISOString().slice(0, 7);
}

/** "November 2026" of 2026-11. */
export function monthName(month: string, language: Language): string {
  const format = { year: "numeric", month: "long", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, format).format(
    new Date(`${month}-01T00:00:00Z`),
  );
}

export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** The moments at which a month begins and ends, by this machine's calendar, RFC 3339. */
export function spanOf(month: string): { first: string; last: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return { first: new Date(year, number - 1, 1).toISOString(), last: new Date(year, number, 1).toISOString() };
}
