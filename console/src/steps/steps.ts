// What a responder does with an incident, each step one request. A step carries a key of its own: sent again after the
// network failed, it is done once.
import { api, body, type Schemas } from "../api/client";
import type { paths } from "../api/schema";

export type Incident = Schemas["Incident"];

type Work = "hand-over" | "contact" | "dispatch" | "arrive" | "close" | "notes" | "reopen" | "merge";
type Given<Path extends Work> = NonNullable<
  paths[`/api/v1/incidents/{incident_id}/${Path}`]["post"]["requestBody"]
>["content"]["application/json"];

export type Step =
  | { readonly kind: "claim" }
  | { readonly kind: "release" }
  | { readonly kind: "hand-over"; readonly given: Given<"hand-over"> }
  | { readonly kind: "reopen"; readonly given: Given<"reopen"> }
  | { readonly kind: "merge"; readonly given: Given<"merge"> }
  | { readonly kind: "contact"; readonly given: Given<"contact"> }
  | { readonly kind: "dispatch"; readonly given: Given<"dispatch"> }
  | { readonly kind: "arrive"; readonly given: Given<"arrive"> }
  | { readonly kind: "close"; readonly given: Given<"close"> }
  | { readonly kind: "note"; readonly given: Given<"notes"> };

/** Do a step; the incident as it is then. key: names this step. Throws Refusal, Unreachable. */
export function take(incident: number, step: Step, key: string): Promise<Incident> {
  const params = { path: { incident_id: incident }, header: { "idempotency-key": key } };
  switch (step.kind) {
    case "claim":
      return body(api.POST("/api/v1/incidents/{incident_id}/claim", { params }));
    case "release":
      return body(api.POST("/api/v1/incidents/{incident_id}/release", { params }));
    case "hand-over":
      return body(api.POST("/api/v1/incidents/{incident_id}/hand-over", { params, body: step.given }));
    case "reopen":
      return body(api.POST("/api/v1/incidents/{incident_id}/reopen", { params, body: step.given }));
    case "merge":
      return body(api.POST("/api/v1/incidents/{incident_id}/merge", { params, body: step.given }));
    case "contact":
      return body(api.POST("/api/v1/incidents/{incident_id}/contact", { params, body: step.given }));
    case "dispatch":
      return body(api.POST("/api/v1/incidents/{incident_id}/dispatch", { params, body: step.given }));
    case "arrive":
      return body(api.POST("/api/v1/incidents/{incident_id}/arrive", { params, body: step.given }));
    case "close":
      return body(api.POST("/api/v1/incidents/{incident_id}/close", { params, body: step.given }));
    case "note":
      return body(api.POST("/api/v1/incidents/{incident_id}/notes", { params, body: step.given }));
  }
}
