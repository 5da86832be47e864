// The little that htmx does not do: whether the live stream stands, and keys for a desk without a mouse.
"use strict";

(() => {
  const show = (live) => {
    const sign = document.getElementById("live");
    if (!sign) return;
    sign.hidden = false;
    sign.classList.toggle("lost", !live);
    sign.textContent = live ? sign.dataset.live : sign.dataset.lost;
  };
  document.addEventListener("htmx:sse:after:connection", () => show(true));
  document.addEventListener("htmx:sse:before:connection", (event) => {
    if (event.detail.connection.attempt > 0) show(false);
  });
  document.addEventListener("htmx:sse:error", () => show(false));
  document.addEventListener("htmx:error", () => show(false));
  document.addEventListener("htmx:after:request", (event) => {
    const sign = document.getElementById("live");
    if (sign && !sign.hidden && sign.classList.contains("lost") && event.detail.ctx?.response?.status < 500) show(true);
  });

  // What a page asks for by itself does not keep somebody signed in; what happens while a person types or clicks does.
  let touched = Date.now();
  for (const kind of ["keydown", "pointerdown", "input"]) document.addEventListener(kind, () => { touched = Date.now(); }, true);
  document.addEventListener("htmx:config:request", (event) => {
    if (Date.now() - touched < 60000) event.detail.ctx.request.headers["X-Attended"] = "1";
    // A page that carries the mark of practice stays practice, whatever another tab has begun since.
    if (document.body.classList.contains("practice")) event.detail.ctx.request.headers["X-Practice"] = "1";
  });

  // A list of links is walked with the arrow keys, like a list of files; from a search field with Enter, too.
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the arrows and Enter are the input method's then
    const focused = document.activeElement;
    const begins = focused?.matches("[data-walk-from]") && (event.key === "ArrowDown" || event.key === "Enter");
    if (!begins && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...document.querySelectorAll("[data-walk] a")];
    const here = links.indexOf(focused);
    if (links.length === 0 || (here < 0 && !begins)) return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, here + (event.key === "ArrowUp" ? -1 : 1)))].focus();
  });

  // A panel with more in it than fits is scrolled with the arrow keys, too: for that it has to take the focus.
  const reach = () => {
    for (const panel of document.querySelectorAll(".panel, .act, .card, aside")) {
      const more = panel.scrollWidth > panel.clientWidth + 1 || panel.scrollHeight > panel.clientHeight + 1;
      if (more && getComputedStyle(panel).overflowX !== "visible") panel.tabIndex = 0;
      else panel.removeAttribute("tabindex");
    }
  };
  for (const kind of ["load", "resize", "htmx:after:swap"]) addEventListener(kind, reach);
  // A name that was searched for does not stay on the screen.
  document.addEventListener("htmx:after:request", (event) => {
    if (event.target.matches?.("form[data-forget]") && event.detail.ctx?.response?.status === 200) event.target.reset();
  });

  // A paper is printed by the browser.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });

  // An old notice goes when the next action begins.
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target.closest?.("form")) document.getElementById("notice")?.replaceChildren();
  });
})();
