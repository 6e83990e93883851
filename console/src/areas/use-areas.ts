import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Schemas } from "../api/client";
import { useMay } from "../session/use-session";

export type Area = Schemas["Area"];

/** The areas that the user works in, parents first. For who may not read areas it stays without an answer. */
export function useAreas(): UseQueryResult<readonly Area[]> {
  const may = useMay("area:read");
  return useQuery({
    queryKey: ["areas"],
    queryFn: async ({ signal }) => (await body(api.GET("/api/v1/areas", { signal }))).items,
    enabled: may,
    staleTime: 300_000,
  });
}

/** An area's name by its code; the code until the names are there. */
export function useAreaName(): (code: string) => string {
  const areas = useAreas().data;
  return useCallback((code) => areas?.find((area) => area.code === code)?.name ?? code, [areas]);
}
