// Shows what has changed without loading the page anew, so that nobody's place or half a press is lost. Without it the
// page works too, and loads itself anew.
(() => {
  const lost = document.getElementById("lost");
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok && answer.status !== 404 && answer.status !== 410) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const now = page.getElementById(part.id);
        // The link leads nowhere any more: the whole page says so.
        if (now === null) return location.reload();
        if (now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
      }
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  };
  setInterval(refresh, 15000);
  document.addEventListener("visibilitychange", refresh);
})();
