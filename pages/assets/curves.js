// Draws the curves of a page: columns of numbers by the hour, in the page's own colours and type.
"use strict";

addEventListener("DOMContentLoaded", async () => {
  const all = document.getElementById("curves");
  if (!all) return;
  const answer = await fetch(all.dataset.from, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const columns = await answer.json();
  const style = getComputedStyle(document.documentElement);
  // A custom property holds light-dark(…) unresolved: an element that uses it tells the colour.
  const colour = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    all.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const soft = colour("soft"), line = colour("line");
  const colours = [colour("accent"), colour("good"), colour("bad")];
  const dashes = [[], [8, 4], [2, 3]]; // a curve is told by its dashes, too
  const size = Math.round(parseFloat(style.fontSize) * 0.75);
  const font = `${size}px ${style.fontFamily}`;
  const when = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const said = (seconds) => when.format(new Date(seconds * 1000)).replace("/", "-");

  const drawn = [...document.querySelectorAll(".curve")].map((place) => {
    const names = place.dataset.curves.split(";").map((each) => each.split("="));
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font };
    const chart = new uPlot({
      width: place.clientWidth,
      height: 220,
      series: [
        { label: place.dataset.hour, value: (_, seconds) => (seconds === null ? "—" : said(seconds)) },
        ...names.map(([column, label], at) => ({
          label, stroke: colours[at], dash: dashes[at], width: 2,
          points: { show: columns.at.length < 2 }, value: (_, value) => value ?? "—",
        })),
      ],
      axes: [
        { ...axis, space: size * 9, size: size * 3, values: (_, ticks) => ticks.map(said) },
        { ...axis, size: size * 5 },
      ],
      scales: { y: { range: (_, least, most) => [0, Math.max(1, most ?? 1) * 1.05] } },
    }, [columns.at, ...names.map(([column]) => columns[column])], place);
    return [chart, place];
  });
  addEventListener("resize", () => {
    for (const [chart, place] of drawn) chart.setSize({ width: place.clientWidth, height: 220 });
  });
});
