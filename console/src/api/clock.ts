// The installation's clock. Waiting times are never counted by the browser's own: it may be wrong, and a demonstration's
// clock runs fast. Each answer of the API carries the time (`Kanhu-Time: <milliseconds>;speed=<times real time>`).

export interface Sample {
  /** milliseconds since the epoch, at the installation */
  readonly server: number;
  /** milliseconds of this page's steady clock (performance.now) when it was heard */
  readonly steady: number;
  /** times real time */
  readonly speed: number;
}

/** Reads the header; null where it is missing or is not what it should be. */
export function readTime(header: string | null, steady: number): Sample | null {
  const match = /^(\d{1,15})(?:;speed=(\d+(?:\.\d+)?))?$/.exec(header ?? "");
  if (!match) return null;
  const speed = match[2] === undefined ? 1 : Number(match[2]);
  return speed > 0 ? { server: Number(match[1]), steady, speed } : null;
}

/** The installation's time at a moment of the steady clock. */
export function timeAt(sample: Sample, steady: number): number {
  return sample.server + (steady - sample.steady) * sample.speed;
}

// Until the first answer there is nothing better than the browser's clock; nothing that waits is on the screen then.
let sample: Sample = { server: Date.now(), steady: performance.now(), speed: 1 };

export function heardTime(header: string | null): void {
  sample = readTime(header, performance.now()) ?? sample;
}

/** The installation's time now, milliseconds since the epoch. */
export function now(): number {
  return timeAt(sample, performance.now());
}

const watching = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(now() / 1000) * 1000;

/** Calls back each second, all listeners together, so that all waiting times on a page turn at once. */
export function onSecond(callback: () => void): () => void {
  watching.add(callback);
  ticking ??= setInterval(() => {
    second = Math.floor(now() / 1000) * 1000;
    for (const each of watching) each();
  }, 1000);
  return () => {
    watching.delete(callback);
    if (watching.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The installation's time in whole seconds, as of the last turn. */
export function currentSecond(): number {
  if (ticking === undefined) second = Math.floor(now() / 1000) * 1000;
  return second;
}
