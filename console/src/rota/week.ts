// The week on the rota page, by this machine's calendar.

/** The first moment of the Monday of a moment's week, so many weeks later. milliseconds. */
export function monday(now: number, weeks = 0): number {
  const date = new Date(now);
  const behind = (date.getDay() + 6) % 7;
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - behind + 7 * weeks).getTime();
}

/** The first moments of seven days and of the day after. A day may have 23 or 25 hours. */
export function days(start: number): readonly number[] {
  const date = new Date(start);
  return Array.from({ length: 8 }, (_, n) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + n).getTime(),
  );
}

interface Spanned {
  readonly starts_at: string;
  readonly ends_at: string;
}

/** Which of the shifts begin on that day; on the first day of the week also those that reach into it from before. */
export function beginning<Each extends Spanned>(
  shifts: readonly Each[],
  day: number,
  next: number,
  firstOfWeek: boolean,
): readonly Each[] {
  return shifts.filter((shift) => {
    const starts = Date.parse(shift.starts_at);
    if (starts >= day && starts < next) return true;
    return firstOfWeek && starts < day && Date.parse(shift.ends_at) > day;
  });
}

/** Whether a moment lies in a shift. */
export function holds(shift: Spanned, now: number): boolean {
  return Date.parse(shift.starts_at) <= now && now < Date.parse(shift.ends_at);
}

/** A moment as a field of the kind `datetime-local` has it, by this machine's clock. */
export function fieldOf(moment: string | number): string {
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
