import { Alert, Box, Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { Refusal } from "../api/problem";
import { LanguageSwitch } from "../layout/language-switch";
import { useWording } from "../wording/use-wording";
import { signIn } from "./session";
import classes from "./sign-in-page.module.css";

type Failed = { kind: "refused" } | { kind: "wait"; seconds: number } | { kind: "unreachable" };

/** expired: the sign-in ended by itself; the page that was open comes back after the next one. */
export function SignInPage({ expired }: { expired: boolean }) {
  const { say } = useWording();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  useEffect(() => {
    document.title = `${say("sign-in-title")} · ${say("name")}`;
  }, [say]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailed(null);
    try {
      await signIn(String(form.get("username")), String(form.get("password")));
    } catch (error) {
      setFailed(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <main className={classes.page}>
      <Box className={classes.card}>
        <Group justify="space-between" mb="lg" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <img src="/icon.svg" alt="" width={36} height={36} />
            <Title order={1} size="h3">
              {say("name")}
            </Title>
          </Group>
          <LanguageSwitch />
        </Group>
        {/* post: should the script fail, a password never gets into an address */}
        <form onSubmit={submit} method="post">
          <Stack>
            <Text c="dimmed">{say("sign-in-text")}</Text>
            {expired && !failed ? <Alert color="blue">{say("sign-in-expired")}</Alert> : null}
            <TextInput
              name="username"
              label={say("sign-in-name")}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              withAsterisk={false}
              maxLength={64}
              size="md"
              autoFocus
            />
            <PasswordInput
              name="password"
              label={say("sign-in-password")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              maxLength={256}
              size="md"
              visibilityToggleButtonProps={{ "aria-label": say("sign-in-show") }}
            />
            <div aria-live="assertive">
              {failed ? (
                <Alert color="red">
                  {failed.kind === "wait"
                    ? say("sign-in-wait", { seconds: failed.seconds })
                    : say(failed.kind === "refused" ? "sign-in-refused" : "problem-unreachable")}
                </Alert>
              ) : null}
            </div>
            <Button type="submit" size="md" loading={busy} fullWidth>
              {say("sign-in")}
            </Button>
          </Stack>
        </form>
      </Box>
    </main>
  );
}

function failureOf(error: unknown): Failed {
  if (!(error instanceof Refusal)) return { kind: "unreachable" };
  if (error.status === 429) return { kind: "wait", seconds: error.retryAfter };
  return error.status >= 500 ? { kind: "unreachable" } : { kind: "refused" };
}
