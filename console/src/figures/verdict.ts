import type { Share } from "./use-report";

export type Verdict = "met" | "missed" | "open" | "none";

/**
 * Whether a target is met: by the share itself, but "open" where the interval still allows both, so that one late answer
 * in a quiet month is not told as a failure, nor three good ones as success.
 * A target of all is missed by the first that was late, whatever an interval says.
 */
export function verdict(share: Pick<Share, "share" | "low" | "high"> | null, target: number | undefined): Verdict {
  if (share === null || target === undefined) return "none";
  if (target >= 1) return share.share >= 1 ? "met" : "missed";
  if (share.low >= target) return "met";
  if (share.high < target) return "missed";
  return "open";
}
