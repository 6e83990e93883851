import { Alert, Button, Loader, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { failureText } from "../layout/failure";
import { useUser } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { useStep } from "../work/use-step";
import classes from "./dialogs.module.css";
import type { Detail } from "./use-incident";

interface Given {
  readonly incident: Detail;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** To which colleague, with a word. Whoever can't be reached is said so before it is handed to them. */
export function HandOverDialog({ incident, opened, onClose }: Given) {
  const wording = useWording();
  const { say } = wording;
  const user = useUser();
  const { step, busy } = useStep();
  const [to, setTo] = useState<number | null>(null);
  const [note, setNote] = useState("");
  const staff = useQuery({
    queryKey: ["staff", incident.area],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/staff", { params: { query: { area: incident.area } }, signal }))).items,
  });
  const colleagues = (staff.data ?? []).filter(
    (each) => each.id !== incident.claimed_by?.id && each.sees_all && ["responder", "supervisor"].includes(each.role),
  );
  async function hand() {
    if (to !== null && (await step(incident.id, { kind: "hand-over", given: { user_id: to, note } }))) onClose();
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say("hand-over-title", { name: incident.resident })}
      closeButtonProps={{ "aria-label": say("close") }}
    >
      <Stack>
        {staff.isPending ? <Loader aria-label={say("loading")} /> : null}
        {staff.isError ? <Alert color="red">{failureText(staff.error, wording)}</Alert> : null}
        {staff.data && colleagues.length === 0 ? <Text>{say("hand-over-nobody")}</Text> : null}
        <div className={classes.choices} role="radiogroup" aria-label={say("hand-over-to")}>
          {colleagues.map((each) => (
            <label key={each.id} className={classes.choice} data-chosen={each.id === to || undefined}>
              <input type="radio" name="to" checked={each.id === to} onChange={() => setTo(each.id)} />
              <span>
                {each.display_name}
                {each.id === user.id ? ` (${say("hand-over-me")})` : ""}
                <Text size="sm" c="dimmed">
                  {say(`role-${each.role}`)}
                  {each.reachable ? "" : ` · ${say("hand-over-unreachable")}`}
                </Text>
              </span>
            </label>
          ))}
        </div>
        <Textarea
          label={say("note-label")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={4000}
          autosize
          minRows={2}
        />
        <Button onClick={() => void hand()} disabled={to === null} loading={busy === "hand-over"} size="md">
          {say("action-hand-over")}
        </Button>
      </Stack>
    </Modal>
  );
}
