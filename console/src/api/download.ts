import { signedFetch } from "./client";
import { refusal } from "./problem";

/** Fetches a file with the sign-in and hands it to the browser to keep. Throws Refusal or Unreachable. */
export async function download(path: string, query: Readonly<Record<string, string>>): Promise<void> {
  const address = new URL(path, window.location.origin);
  address.search = new URLSearchParams(query).toString();
  const answer = await signedFetch(new Request(address));
  if (!answer.ok) throw refusal(await answer.json().catch(() => null), answer);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "kanhu.csv";
  const link = document.createElement("a");
  // An answer that ends too early fails here, before anything is kept.
  const held = URL.createObjectURL(await answer.blob());
  link.href = held;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(held), 60_000);
}
