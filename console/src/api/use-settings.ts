import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "./client";

export type ConsoleSettings = Schemas["ConsoleConfiguration"];

/** How this installation has its console set up. */
export function useSettings(): UseQueryResult<ConsoleSettings> {
  return useQuery({
    queryKey: ["console"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/console", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
