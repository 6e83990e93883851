import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Collected, collect } from "../api/all-pages";
import { api, body, type Schemas } from "../api/client";
import { useRefresh } from "../live/use-refresh";
import { useWording } from "../wording/use-wording";

export type Trouble = Schemas["Trouble"];

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
