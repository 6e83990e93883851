import { Kbd, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { keyGroups, onKeyGroups } from "../keys/keyboard";
import { useWording } from "../wording/use-wording";

/** The list of the keys that count on this page. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { say } = useWording();
  const groups = useSyncExternalStore(onKeyGroups, keyGroups);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={say("keys-title")}
      closeButtonProps={{ "aria-label": say("close") }}
      size="lg"
    >
      <Stack>
        <Text size="sm">{say("keys-text")}</Text>
        {groups
          .filter((group) => group.keys.length > 0)
          .map((group) => (
            <section key={group.wording}>
              <Title order={3} size="h5">
                {say(group.wording)}
              </Title>
              <Table>
                <Table.Tbody>
                  {group.keys.map((key) => (
                    <Table.Tr key={key.chord}>
                      <Table.Td w="8rem">
                        {key.chord.split(" ").map((each) => (
                          <Kbd key={each} mr={4}>
                            {each}
                          </Kbd>
                        ))}
                      </Table.Td>
                      <Table.Td>{say(key.wording)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          ))}
      </Stack>
    </Modal>
  );
}
