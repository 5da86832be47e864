/** In which order messages take effect (13.4): pure, so that the scenes of order.json can be played. */

/**
 * @param arrivals {id, prev, supersedes, refused: code or null} in the order of arrival, once per id
 * @returns ids of those that may take effect now, in order, given what is in `done` already
 */
export function ready(arrivals, done = new Set()) {
  const byId = new Map(arrivals.map((a) => [a.id, a]));
  const settled = (id, seen = new Set()) => {
    if (done.has(id)) return true;
    const a = byId.get(id);
    if (!a?.refused || seen.has(id)) return false;
    if (a.refused !== 'E-ENV-011') return true;
    // Its key was destroyed: the same record comes again under another id, and that one has to take effect.
    const second = arrivals.find((x) => x.supersedes === id);
    return Boolean(second) && settled(second.id, seen.add(id));
  };
  const effects = [];
  for (let again = true; again; ) {
    const next = arrivals.find((a) => !a.refused && !done.has(a.id) && (a.prev === null || settled(a.prev)));
    again = Boolean(next);
    if (next) { effects.push(next.id); done = new Set(done).add(next.id); }
  }
  return effects;
}
