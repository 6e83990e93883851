import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api/client";
import { useWording } from "../wording/use-wording";

export type Report = Schemas["MonthlyReport"];
export type Figures = Schemas["Figures"];
export type Share = Schemas["Share"];

/** A month's report. month: YYYY-MM. */
export function useReport(month: string, area: string | undefined): UseQueryResult<Report> {
  const { language } = useWording();
  return useQuery({
    // Its labels come in words.
    queryKey: ["report", month, area, language],
    queryFn: ({ signal }) => {
      const query = { month, lang: language, ...(area ? { area } : {}) };
      return body(api.GET("/api/v1/figures/report", { params: { query }, signal }));
    },
    staleTime: 60_000,
  });
}
