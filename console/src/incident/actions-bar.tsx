import { Button, Kbd } from "@mantine/core";
import {
  IconAmbulance,
  IconArrowBackUp,
  IconArrowMerge,
  IconCircleCheck,
  IconClockPlus,
  IconHandGrab,
  IconMapPinCheck,
  IconNote,
  IconPhone,
  IconRotate,
  IconUserShare,
} from "@tabler/icons-react";
import { type ComponentType, useState } from "react";
import { useNavigate } from "react-router";
import { useNow } from "../api/use-now";
import { useKeys } from "../keys/use-keys";
import { useMay, useUser } from "../session/use-session";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import { type Action, possible, usual } from "./actions";
import classes from "./actions-bar.module.css";
import { CloseDialog } from "./close-dialog";
import { DispatchDialog } from "./dispatch-dialog";
import { HandOverDialog } from "./hand-over-dialog";
import { MergeDialog } from "./merge-dialog";
import { NoteDialog } from "./note-dialog";
import type { Detail } from "./use-incident";

interface Offer {
  readonly action: Action;
  readonly key: string;
  readonly icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
}

const OFFERS: readonly Offer[] = [
  { action: "claim", key: "c", icon: IconHandGrab },
  { action: "call", key: "p", icon: IconPhone },
  { action: "dispatch", key: "s", icon: IconAmbulance },
  { action: "arrive", key: "a", icon: IconMapPinCheck },
  { action: "close", key: "x", icon: IconCircleCheck },
  { action: "keep", key: "l", icon: IconClockPlus },
  { action: "hand-over", key: "h", icon: IconUserShare },
  { action: "release", key: "r", icon: IconArrowBackUp },
  { action: "merge", key: "m", icon: IconArrowMerge },
  { action: "reopen", key: "o", icon: IconRotate },
  { action: "note", key: "n", icon: IconNote },
];

/** What can be done now, each with its key. */
export function Actions({ incident }: { incident: Detail }) {
  const { say } = useWording();
  const user = useUser();
  const works = useMay("incident:work");
  const now = useNow();
  const navigate = useNavigate();
  const { step, busy } = useStep();
  const [dialog, setDialog] = useState<Action | null>(null);
  const looker = { id: user.id, supervises: user.role === "supervisor", works };
  const actions = possible(incident, looker, now, incident.reopen_until);
  const first = usual(incident.state, actions);
  const offers = OFFERS.filter(({ action }) => actions.has(action) && (action !== "merge" || mayMerge(incident)));

  function act(action: Action): void {
    if (action === "claim" || action === "keep") void step(incident.id, { kind: "claim" });
    else if (action === "arrive") void step(incident.id, { kind: "arrive", given: { note: "" } });
    else if (action === "call") showCallList();
    else setDialog(action);
  }

  useKeys("incident-title", [
    ...offers.map(({ action, key }) => ({ chord: key, wording: `action-${action}`, run: () => act(action) })),
    { chord: "b", wording: "keys-back", run: () => void navigate("/") },
  ]);
  const close = () => setDialog(null);
  const given = { incident, close };
  return (
    <>
      <div className={classes.bar} role="toolbar" aria-label={say("actions-title")}>
        {offers.map(({ action, key, icon: Icon }) => (
          <Button
            key={action}
            size="sm"
            variant={action === first ? "filled" : "default"}
            color={action === "claim" && incident.queue === "emergency" ? "red.8" : "teal"}
            leftSection={<Icon size={18} aria-hidden />}
            rightSection={
              <Kbd size="xs" className={classes.key} aria-hidden>
                {key}
              </Kbd>
            }
            loading={(action === "claim" || action === "keep") && busy === "claim" ? true : busy === action}
            onClick={() => act(action)}
            aria-keyshortcuts={key}
          >
            {say(`action-${action}`)}
          </Button>
        ))}
      </div>
      {dialog === "dispatch" ? <DispatchDialog {...given} /> : null}
      {dialog === "close" ? <CloseDialog {...given} /> : null}
      {dialog === "hand-over" ? <HandOverDialog {...given} /> : null}
      {dialog === "merge" ? <MergeDialog {...given} /> : null}
      {dialog === "note" || dialog === "reopen" || dialog === "release" ? (
        <NoteDialog {...given} what={dialog} />
      ) : null}
    </>
  );
}

/** It goes on in a more urgent one only, and an emergency is the most urgent there is. */
function mayMerge(incident: Detail): boolean {
  return incident.queue !== "emergency";
}

/** id of the call list's first button: where the key leads. */
export const CALL_LIST = "call-list";

function showCallList(): void {
  const list = document.getElementById(CALL_LIST);
  list?.scrollIntoView({ block: "center", behavior: "smooth" });
  list?.querySelector<HTMLElement>("a[href^='tel:'], button")?.focus({ preventScroll: true });
}
