import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { api, body, type Schemas } from "../api/client";
import { useWording } from "../wording/use-wording";

export type BoardEntry = Schemas["BoardEntry"];
export type Protection = Schemas["Protection"];
export type Protected = BoardEntry["protected"];
export type Reason = BoardEntry["reasons"][number];

/** Worst first, as the board has them. */
export const ANSWERS: readonly Protected[] = ["no", "partly", "yes"];

const EACH = 30_000;

type Page = Schemas["Page_BoardEntry_"];

/** Who is protected now, those who are not first. Reasons come in words. */
export function useBoard(area: string | undefined, only: Protected | null): UseInfiniteQueryResult<InfiniteData<Page>> {
  const { language } = useWording();
  return useInfiniteQuery({
    queryKey: ["board", "list", area, only, language],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: 100,
        lang: language,
        ...(area ? { area } : {}),
        ...(only ? { protected: only } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return body(api.GET("/api/v1/board", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: EACH,
  });
}

export function useSummary(area: string | undefined): UseQueryResult<Schemas["BoardSummary"]> {
  return useQuery({
    queryKey: ["board", "summary", area],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/board/summary", { params: { query: area ? { area } : {} }, signal })),
    refetchInterval: EACH,
  });
}

/** Is this person protected now? */
export function useProtection(id: number): UseQueryResult<Protection> {
  const { language } = useWording();
  return useQuery({
    queryKey: ["resident", id, "protection", language],
    queryFn: ({ signal }) => {
      const params = { path: { resident_id: id }, query: { lang: language } };
      return body(api.GET("/api/v1/residents/{resident_id}/protection", { params, signal }));
    },
    refetchInterval: EACH,
  });
}

/** Residents whose name has that part. */
export function useFound(name: string): UseQueryResult<readonly Schemas["Resident"][]> {
  return useQuery({
    queryKey: ["residents", name],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/residents", { params: { query: { name, limit: 20 } }, signal }))).items,
    enabled: name !== "",
  });
}
