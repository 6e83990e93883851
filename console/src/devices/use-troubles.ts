import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Collected, collect } from "../api/all-pages";
import { api, body, type Schemas } from "../api/client";
import { useRefresh } from "../live/use-refresh";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";

export type Trouble = Schemas["Trouble"];
export type Storm = Schemas["Storms"]["items"][number];

const ENOUGH = 2_000;

/** What is wrong with devices now, the most severe first. */
export function useTroubles(area: string | undefined): UseQueryResult<Collected<Trouble>> {
  const { language } = useWording();
  useRefresh(["troubles"], (change) => change.incident.queue === "maintenance");
  return useQuery({
    // The reasons come in words.
    queryKey: ["troubles", area, language],
    queryFn: ({ signal }) =>
      collect((cursor) => {
        const query = { limit: 500, lang: language, ...(area ? { area } : {}), ...(cursor ? { cursor } : {}) };
        return body(api.GET("/api/v1/devices/troubles", { params: { query }, signal }));
      }, ENOUGH),
    refetchInterval: 60_000,
  });
}

/** Many findings with one cause, those that are not over. */
export function useStorms(): UseQueryResult<readonly Storm[]> {
  const may = useMay("incident:read");
  return useQuery({
    queryKey: ["troubles", "storms"],
    queryFn: async ({ signal }) => (await body(api.GET("/api/v1/storms", { signal }))).items,
    enabled: may,
    refetchInterval: 60_000,
  });
}
