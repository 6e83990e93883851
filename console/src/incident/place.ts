// Where somebody is, in words and metres.

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH = 6_371_000;

/** Metres between two places (haversine; good to 0.5 %, which no fix is). */
export function distance(one: Place, other: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const north = radians(other.latitude - one.latitude);
  const east = radians(other.longitude - one.longitude);
  const half =
    Math.sin(north / 2) ** 2 +
    Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * Math.sin(east / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** "at home": nearer than the fix is exact, or than a home is large. accuracy: metres. */
export function isHome(from: number, accuracy: number | null): boolean {
  return from <= Math.max(50, accuracy ?? 0);
}
