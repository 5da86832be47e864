// What a walk asks an open page: where a control is, by its name or its selector, and how what has the focus looks.
"use strict";

(() => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const BESIDE = "kbd, small, abbr, input, select, textarea, [aria-hidden=true], .unseen";
  const plain = (each) => {
    const copy = each.cloneNode(true);
    for (const beside of copy.querySelectorAll(BESIDE)) beside.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  const named = (each) => each.getAttribute("aria-label") || plain(each.labels?.length ? each.labels[0] : each);
  const matching = ([text, css, within]) => [...document.querySelectorAll(CONTROLS)].filter((each) =>
    !each.disabled && (!css || each.matches(css)) && (!within || each.closest(within))
    && (!text || named(each) === text) && each.checkVisibility({ visibilityProperty: true }));

  // A point of it that can be seen: not under a bar, and not over the edge of the screen.
  const seen = (on) => [...on.getClientRects()].some((box) => [0.5, 0.1, 0.9].some((across) => [0.5, 0.2, 0.8].some((down) => {
    const hit = document.elementFromPoint(box.left + across * box.width, box.top + down * box.height);
    return hit !== null && (on.contains(hit) || hit.closest("label")?.control === on);
  })));

  globalThis.walking = {
    names: () => [...document.querySelectorAll(CONTROLS)].map(named),
    where: (asked) => {
      const all = matching(asked), on = document.activeElement;
      if (all.length === 0) return "nowhere";
      if (all.includes(on)) return "here";
      if (!on || on === document.body) return "after";
      return all.some((each) => on.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) ? "after" : "before";
    },
    stop: () => {
      const on = document.activeElement;
      if (!on || on === document.body) return null;
      const style = getComputedStyle(on);
      // The calendar within a field for a day is a stop of its own: the browser puts the ring there.
      const calendar = ["date", "datetime-local"].includes(on.type) && !on.matches(":focus-visible");
      const ring = calendar || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1);
      return { what: on.cloneNode(false).outerHTML.slice(0, 160), ring, seen: seen(on) };
    },
  };
})();
