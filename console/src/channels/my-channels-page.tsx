import { Stack, Text } from "@mantine/core";
import { Loaded, Nothing } from "../layout/loaded";
import { Note } from "../layout/note";
import { PageHead } from "../layout/page-head";
import { Section } from "../layout/section";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { StaffChannels } from "./staff-channels";
import { useMyself } from "./use-myself";

/** How I myself am told of incidents while the console is not before my eyes. */
export function Page() {
  const { say } = useWording();
  const told = useMay("staff:read");
  const myself = useMyself();
  return (
    <Stack>
      <PageHead title={say("my-channels-title")} />
      {told ? (
        <Loaded query={myself}>
          {(person) =>
            person === null ? (
              <Nothing>{say("my-channels-not-told")}</Nothing>
            ) : (
              <>
                {person.reachable ? null : (
                  <Note kind="danger" title={say("my-channels-unreachable")}>
                    {say("my-channels-unreachable-text")}
                  </Note>
                )}
                <Section title={say("channels-title")}>
                  <Text size="sm" c="dimmed" maw="46rem">
                    {say("channels-text")}
                  </Text>
                  <StaffChannels person={person} may />
                </Section>
              </>
            )
          }
        </Loaded>
      ) : (
        <Nothing>{say("my-channels-not-told")}</Nothing>
      )}
    </Stack>
  );
}
