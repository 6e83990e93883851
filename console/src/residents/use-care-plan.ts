import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { Limits } from "../charts/limits";
import { useMay } from "../session/use-session";

export interface Zone {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  /** metres */
  readonly radius: number;
  /** true: should stay within; false: should stay out */
  readonly inside: boolean;
}

/** What of a care plan the pages show. */
export interface CarePlan {
  readonly zones: readonly Zone[];
  /** by metric */
  readonly limits: Readonly<Record<string, Limits>>;
}

/** What is agreed for a resident. */
export function useCarePlan(residentId: number): UseQueryResult<CarePlan> {
  const may = useMay("care-plan:read");
  return useQuery({
    queryKey: ["resident", residentId, "care-plan"],
    queryFn: async ({ signal }) => {
      const params = { path: { resident_id: residentId } };
      const plan = await body(api.GET("/api/v1/residents/{resident_id}/care-plan", { params, signal }));
      // The API's description has a plan as any object.
      return plan as unknown as CarePlan;
    },
    enabled: may,
    staleTime: 60_000,
  });
}
