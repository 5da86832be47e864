/** events.jsonl: one line per event, each exactly once, also after a crash: they are derived from the store's records. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What of a record is told: ids, types, codes. Nothing of a person, no payload (chapter 16). */
function told(r) {
  const pick = (event, ...names) => ({ event, ...Object.fromEntries(names.filter((n) => r[n] !== undefined && r[n] !== '').map((n) => [n, r[n]])) });
  switch (r.k) {
    case 'case': return pick('case_opened', 'case_no', 'window', 'issuing', 'service_item', 'trial');
    case 'made': return pick('signed', 'id', 'type', 'case_no', 'destination', 'sha256', 'supersedes');
    case 'receipt': return r.verdict === 'admitted' ? pick('admitted', 'id', 'type', 'case_no', 'leaf_index') : { ...pick('refused_by_hub', 'id', 'type', 'case_no', 'field'), code: r.verdict };
    case 'received': return pick('received_by_destination', 'id', 'type', 'case_no');
    case 'refused': return pick('refused_by_destination', 'id', 'type', 'case_no', 'code');
    case 'opened': return pick('opened', 'id', 'type', 'case_no', 'source');
    case 'waits': return pick('waiting', 'id', 'type', 'code', 'field');
    case 'applied': return pick(r.again ? 'second_form_changes_nothing' : 'applied', 'id', 'type', 'case_no');
    case 'refusedHere': return { ...pick('refused_here', 'id', 'type', 'case_no', 'source'), code: r.refused };
    case 'print': return r.patch.state ? { ...pick('print', 'no', 'case_no'), state: r.patch.state, ...(r.patch.code ? { code: r.patch.code } : {}) } : null;
    case 'grant': return pick('grant', 'no', 'message_id');
    case 'published': return pick('checkpoint_published', 'epoch', 'size', 'countersign');
    case 'epoch': return pick('epoch_opened', 'epoch', 'revision');
    case 'fork': return pick('fork', 'code', 'field');
    case 'event': { const { k, ...rest } = r; return rest; }
    default: return null;
  }
}

export class Events {
  constructor(path) {
    mkdirSync(dirname(path), { recursive: true });
    this.fd = openSync(path, 'a+');
    const text = readFileSync(path);
    const whole = text.subarray(0, text.lastIndexOf(10) + 1);
    if (whole.length < text.length) ftruncateSync(this.fd, whole.length);
    const last = whole.length ? JSON.parse(whole.subarray(whole.lastIndexOf(10, whole.length - 2) + 1).toString()) : { seq: 0, part: 0 };
    Object.assign(this, { done: [last.seq, last.part], seq: 0, part: 0 });
  }

  /** Called for every record in order, at replay as well as live. */
  add(record, seq, at) {
    this.part = seq === this.seq ? this.part + 1 : 0;
    this.seq = seq;
    const event = told(record);
    if (!event || seq < this.done[0] || (seq === this.done[0] && this.part <= this.done[1])) return;
    writeSync(this.fd, JSON.stringify({ seq, part: this.part, time: new Date(at).toISOString(), ...event }) + '\n');
  }

  close() { closeSync(this.fd); }
}
