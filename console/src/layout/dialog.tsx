import { Box, Button, Group, Modal, type ModalProps, Stack } from "@mantine/core";
import type { FormEvent, KeyboardEvent, ReactNode } from "react";
import { useWording } from "../wording/use-wording";
import { failureText } from "./failure";
import { Note } from "./note";

interface Given {
  title: string;
  /** leaves it without doing anything */
  close: () => void;
  /** what its button says; without one there is nothing to do */
  action?: string | undefined;
  /** done when the button is pressed, with what its named fields hold */
  act: (fields: FormData) => void;
  /** it is on its way */
  busy: boolean;
  /** whether what was filled in suffices */
  ready?: boolean;
  /** takes something away: the focus begins at the way back */
  danger?: boolean;
  /** why it was not done; for what is not told elsewhere */
  failure?: unknown;
  size?: ModalProps["size"];
  children: ReactNode;
}

/** The frame of every dialog that does something: title, form, buttons, and what went wrong. */
export function Dialog(given: Given) {
  const { title, close, action, act, busy, ready = true, danger = false, failure, size = "md", children } = given;
  const wording = useWording();
  const { say } = wording;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (action !== undefined && ready && !busy) act(new FormData(event.currentTarget));
  }
  function atOnce(event: KeyboardEvent<HTMLFormElement>) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  }
  // A field that wants the focus stands before the buttons, and gets it.
  const toAction = action !== undefined && ready && !danger;
  return (
    <Modal opened onClose={close} title={title} size={size} closeButtonProps={{ "aria-label": say("dialog-leave") }}>
      <form onSubmit={submit} onKeyDown={atOnce}>
        <Stack>
          {children}
          <div>
            <Box aria-live="assertive" mb={failure ? "md" : 0}>
              {failure ? <Note kind="danger">{failureText(failure, wording)}</Note> : null}
            </Box>
            <Group justify="end">
              <Button variant="default" onClick={close} data-autofocus={!toAction || undefined}>
                {say("cancel")}
              </Button>
              {action === undefined ? null : (
                <Button
                  type="submit"
                  color={danger ? "red.9" : "teal"}
                  loading={busy}
                  disabled={!ready}
                  data-autofocus={toAction || undefined}
                >
                  {action}
                </Button>
              )}
            </Group>
          </div>
        </Stack>
      </form>
    </Modal>
  );
}
