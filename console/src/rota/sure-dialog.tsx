import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useWording } from "../wording/use-wording";

interface Given {
  title: string;
  question: string;
  busy: boolean;
  close: () => void;
  sure: () => void;
}

/** Asks before something is removed. */
export function SureDialog({ title, question, busy, close, sure }: Given) {
  const { say } = useWording();
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": say("close") }}>
      <Stack>
        <Text>{question}</Text>
        <Group justify="end">
          <Button variant="default" onClick={close} data-autofocus>
            {say("cancel")}
          </Button>
          <Button color="red.9" loading={busy} onClick={sure}>
            {say("remove")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
