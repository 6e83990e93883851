import { Text } from "@mantine/core";
import { useWording } from "../wording/use-wording";
import { Dialog } from "./dialog";

interface Given {
  title: string;
  question: string;
  busy: boolean;
  failure: unknown;
  close: () => void;
  sure: () => void;
}

/** Asks before something is removed. */
export function SureDialog({ title, question, busy, failure, close, sure }: Given) {
  const { say } = useWording();
  return (
    <Dialog title={title} close={close} action={say("remove")} act={sure} busy={busy} failure={failure} danger>
      <Text>{question}</Text>
    </Dialog>
  );
}
