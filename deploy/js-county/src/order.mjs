/** In which order messages take effect, and which of two forms of one counts (13.4): pure, so that the scenes of order.json can be played. */

const COME_ANEW = 'E-ENV-011';

/** Whether a message is believed here: neither refused nor unread. */
const open = (m) => !m.refused && !m.unread;

/** Whether the second form of this message was opened already: then the first, which comes after it, is dropped. */
export const tooLate = (messages, id) => messages.some((m) => open(m) && m.supersedes === id);

/** The message that `m` takes the place of and that was opened here, or null; through forms that were refused. */
function otherForm(byId, m) {
  const seen = new Set();
  for (let id = m.supersedes; id && !seen.has(id); id = byId.get(id)?.supersedes) {
    seen.add(id);
    if (byId.has(id) && open(byId.get(id))) return id;
  }
  return null;
}

/**
 * @param messages {id, prev, supersedes, refused: code or null, unread} of one sender in the order of their opening, once per id
 * @param done ids whose turn was before
 * @returns those whose turn it is, in order: {id, effect}, where a second form after its first has a turn and no effect
 */
export function turns(messages, done = new Set()) {
  const byId = new Map(messages.map((m) => [m.id, m]));
  const settled = (id, seen = new Set()) => {
    if (id === null || done.has(id)) return true;
    const m = byId.get(id);
    if (m?.refused && m.refused !== COME_ANEW) return true;
    // It could not be opened or read, or is not there: then its second form has to have had its turn. Forms that name each other in a circle settle nothing.
    return !seen.has(id) && messages.some((x) => x.supersedes === id && settled(x.id, new Set(seen).add(id)));
  };
  const found = [];
  done = new Set(done);
  for (let next = true; next; ) {
    next = messages.find((m) => {
      const other = otherForm(byId, m);
      return open(m) && !done.has(m.id) && settled(m.prev) && (!other || done.has(other));
    });
    if (next) { done.add(next.id); found.push({ id: next.id, effect: !otherForm(byId, next) }); }
  }
  return found;
}
