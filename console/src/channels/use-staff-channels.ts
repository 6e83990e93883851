import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body, idempotencyKey, type Schemas } from "../api/client";

export type ChannelDetails = Schemas["ChannelDetails"];
export type Kind = ChannelDetails["kind"];

/** Something that changes how somebody of the centre is reached; what depends on it is asked again. */
function useChange<Given>(change: (given: Given) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      for (const key of ["staff", "rota", "coverage"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}

export function useAddChannel(userId: number) {
  return useChange((details: ChannelDetails) =>
    body(
      api.POST("/api/v1/staff/{user_id}/channels", {
        params: { path: { user_id: userId }, header: { "idempotency-key": idempotencyKey() } },
        body: details,
      }),
    ),
  );
}

export function useRemoveChannel(userId: number) {
  return useChange((id: number) =>
    body(
      api.DELETE("/api/v1/staff/{user_id}/channels/{staff_channel_id}", {
        params: { path: { user_id: userId, staff_channel_id: id } },
      }),
    ),
  );
}
