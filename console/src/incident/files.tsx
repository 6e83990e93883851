import { Alert, Button, FileButton, Group, Text } from "@mantine/core";
import { IconFile, IconFileMusic, IconFileTypePdf, IconPhoto, IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body, idempotencyKey, type Schemas } from "../api/client";
import { Refusal, Unreachable } from "../api/problem";
import { useNow } from "../api/use-now";
import { failureText } from "../layout/failure";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import classes from "./files.module.css";
import type { Detail } from "./use-incident";

type Attachment = Schemas["Attachment"];

const KINDS = "image/jpeg,image/png,image/webp,application/pdf,audio/mpeg,audio/ogg,audio/mp4";
/** As the API has it, bytes: what is larger is not even sent. */
const LARGEST = 4 * 1024 * 1024;

/** Evidence that somebody added: pictures are shown and sound is played here, all else is saved. */
export function Files({ incident }: { incident: Detail }) {
  const wording = useWording();
  const { say } = wording;
  const queries = useQueryClient();
  const [tooLarge, setTooLarge] = useState<string | null>(null);
  const adding = useMutation({
    mutationFn: ({ file, key }: { file: File; key: string }) =>
      body(
        api.POST("/api/v1/incidents/{incident_id}/attachments", {
          params: {
            path: { incident_id: incident.id },
            query: { name: file.name },
            header: { "idempotency-key": key },
          },
          // The description knows a body of bytes as text.
          body: file as unknown as string,
          bodySerializer: (given) => given as unknown as BodyInit,
          headers: { "Content-Type": file.type },
        }),
      ),
    retry: (failures, error) => error instanceof Unreachable && failures < 2,
    onSettled: () => queries.invalidateQueries({ queryKey: ["incident", incident.id] }),
  });
  async function add(given: File | null) {
    if (given === null) return;
    adding.reset();
    // A telephone's camera makes larger pictures than are kept.
    const file = given.size > LARGEST && given.type.startsWith("image/") ? await smaller(given) : given;
    setTooLarge(file.size > LARGEST ? file.name : null);
    if (file.size <= LARGEST) adding.mutate({ file, key: idempotencyKey() });
  }
  return (
    <Section
      title={say("files-title")}
      beside={
        <FileButton onChange={(file) => void add(file)} accept={KINDS}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={16} aria-hidden />}
              loading={adding.isPending}
            >
              {say("files-add")}
            </Button>
          )}
        </FileButton>
      }
    >
      {tooLarge !== null ? (
        <Alert color="red" role="alert">
          {say("files-too-large", { name: tooLarge })}
        </Alert>
      ) : null}
      {adding.isError ? (
        <Alert color="red" role="alert">
          {failureText(adding.error, wording)}
          {adding.error instanceof Refusal && adding.error.slug === "wrong-fields" ? ` ${adding.error.message}` : ""}
        </Alert>
      ) : null}
      {incident.attachments.length === 0 ? <Text c="dimmed">{say("files-none")}</Text> : null}
      <ul className={classes.list}>
        {incident.attachments.map((attachment) => (
          <li key={attachment.id}>
            <OneFile attachment={attachment} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function OneFile({ attachment }: { attachment: Attachment }) {
  const wording = useWording();
  const { language, say } = wording;
  const now = useNow();
  const [shown, setShown] = useState<string | null>(null);
  const getting = useMutation({ mutationFn: () => content(attachment) });
  useEffect(() => () => (shown === null ? undefined : URL.revokeObjectURL(shown)), [shown]);
  const [kind] = attachment.content_type.split("/");
  const here = kind === "image" || kind === "audio";
  const Icon =
    kind === "image"
      ? IconPhoto
      : kind === "audio"
        ? IconFileMusic
        : kind === "application"
          ? IconFileTypePdf
          : IconFile;

  async function open() {
    const url = URL.createObjectURL(await getting.mutateAsync());
    if (here) {
      setShown(url);
      return;
    }
    const link = document.createElement("a");
    link.href = url;
    link.download = attachment.name;
    link.click();
    // The browser has taken it over by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  return (
    <>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <Group gap="xs" wrap="nowrap" className={classes.name}>
          <Icon size={20} aria-hidden />
          <div>
            <Text fw={600}>{attachment.name}</Text>
            <Text size="sm" c="dimmed">
              {say("files-about", {
                size: sizeOf(attachment.size, language),
                time: when(attachment.added_at, now, language),
              })}
            </Text>
          </div>
        </Group>
        <Button
          size="compact-sm"
          variant="default"
          loading={getting.isPending}
          onClick={() => (shown === null ? void open().catch(() => undefined) : setShown(null))}
        >
          {say(shown !== null ? "files-hide" : here ? "files-show" : "files-save")}
        </Button>
      </Group>
      {getting.isError ? <Alert color="red">{failureText(getting.error, wording)}</Alert> : null}
      {shown !== null && kind === "image" ? (
        <img src={shown} alt={say("files-picture", { name: attachment.name })} className={classes.picture} />
      ) : null}
      {shown !== null && kind === "audio" ? (
        // biome-ignore lint/a11y/useMediaCaption: a recording that somebody added has no captions
        <audio src={shown} controls className={classes.sound} />
      ) : null}
    </>
  );
}

/** The longer side of a picture that had to be made smaller, pixels: a licence plate can still be read. */
const SIDE = 2560;

/** The picture with fewer pixels, as JPEG. One that can't be read stays as it is: the API says what it thinks of it. */
async function smaller(file: File): Promise<File> {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
    return new File([drawn], `${file.name.replace(/\.[^.]+$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file;
  }
}

/** The bytes, with their kind. */
async function content({ incident_id, id, content_type }: Attachment): Promise<Blob> {
  const bytes = await body(
    api.GET("/api/v1/incidents/{incident_id}/attachments/{attachment_id}", {
      params: { path: { incident_id, attachment_id: id } },
      parseAs: "blob",
    }),
  );
  return new Blob([bytes as BlobPart], { type: content_type });
}

function sizeOf(bytes: number, language: string): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
