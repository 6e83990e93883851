import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { useMay } from "../session/use-session";
import type { Area } from "./filter";

const NONE: readonly Area[] = [];

/** The areas that the user works in, parents first; none for roles that do not see them. */
export function useAreas(): readonly Area[] {
  const may = useMay("area:read");
  const areas = useQuery({
    queryKey: ["areas"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/areas", { signal })),
    enabled: may,
    staleTime: 10 * 60_000,
  });
  return areas.data?.items ?? NONE;
}
