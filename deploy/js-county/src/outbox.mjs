/** What is said: wishes become signed bytes, bytes are sent until their fate is known, refusals are answered (11). */
import { encode } from './codec.mjs';
import * as envelope from './envelope.mjs';
import { Refused, Waiting } from './errors.mjs';
import { newId, sha256hex } from './identifiers.mjs';
import { log } from './log.mjs';
import { TYPES } from './messages.mjs';

const FIRST_PAUSE = 30_000, LONGEST_PAUSE = 3_600_000, TRIES = 5;

export class Outbox {
  constructor(county) {
    Object.assign(this, { county, schedule: new Map(), flying: new Set(), askedAt: new Map(), madeHere: new Set(), told: new Map(), clock: 0 });
  }

  /** A record of the store: this has to be said. Its id is fixed now, so that a restart says it once. */
  static wish(type, destination, payload, more = {}) {
    return { k: 'wish', id: newId(), type, destination, payload, case_no: '', tries: 0, ...more };
  }

  /** Signs wishes in their order; one that has nobody to be encrypted for stays, and those behind it in its chain too. */
  async make() {
    const { state, store } = this.county;
    const held = new Set();
    for (const w of [...state.wishes.values()]) {
      const chain = TYPES[w.type].chained ? `${w.case_no}/${w.destination}` : null;
      if (held.has(chain) || state.fork) continue;
      try {
        store.commit([await this.sign(w)]);
        this.madeHere.add(w.id);
      } catch (error) {
        if (error instanceof Waiting) { this.waits(w, error); if (chain) held.add(chain); continue; }
        if (!(error instanceof Refused)) throw error;
        store.commit([{ k: 'unwished', id: w.id }, { k: 'event', event: 'not_sent', type: w.type, case_no: w.case_no, code: error.code, field: error.field }]);
      }
    }
  }

  /** It goes by itself when the directory says so; a person is told once why it does not yet. */
  waits(w, error) {
    if (this.told.get(w.id) !== error.code) log('warn', 'waits_to_be_sent', { id: w.id, type: w.type, case_no: w.case_no, destination: w.destination, code: error.code });
    this.told.set(w.id, error.code);
  }

  async sign(w) {
    const { state, config, directory } = this.county;
    const now = Date.now() + this.clock, chained = TYPES[w.type].chained;
    if (w.directoryAfter !== undefined && directory.issuedAt <= w.directoryAfter) throw new Waiting('E-LINK-107', 'dataschema');
    const recipient = w.destination === 'hub' ? null : directory.keyOf(w.destination, now, w.refusedKeys);
    const kase = state.cases.get(w.case_no);
    const fields = {
      id: w.id, source: config.code, destination: w.destination, type: w.type, case_no: w.case_no, service_item: kase?.service_item ?? w.service_item ?? '',
      prev: chained ? state.prevOf(w.case_no, w.destination, w.supersedes) : null, in_reply_to: w.in_reply_to ?? null,
      supersedes: w.supersedes ?? null, trial: kase?.trial ?? w.trial ?? config.trial, time: now, checkpoint: state.journal.stated(),
    };
    const { envelope: e, body, signature } = await envelope.make(fields, w.payload, recipient, config.signing);
    const facts = envelope.factsIn(e);
    if (chained && kase && !w.supersedes) state.caseState(w.case_no, null, { type: w.type, facts });
    return {
      k: 'made', id: w.id, type: w.type, destination: w.destination, case_no: w.case_no, supersedes: fields.supersedes, in_reply_to: fields.in_reply_to,
      facts, payload: w.payload, body: body.toString('base64'), signature, sha256: sha256hex(body), encrypted_for: e.encrypted_for,
      refusedKeys: w.refusedKeys, tries: w.tries, ...(w.type === 'print.claimed' ? { claim_id: w.payload.claim_id, no: w.payload.authorisation_no } : {}),
    };
  }

  /** Publishes everything that is due: each road for itself, never one waiting for the other's confirm. */
  send(now = Date.now()) {
    const { state, link } = this.county;
    if (!link.up || state.fork) return;
    for (const o of state.out.values()) {
      const s = this.schedule.get(o.id) ?? { due: 0, pause: FIRST_PAUSE };
      if (state.settled(o) || this.flying.has(o.id) || s.due > now || this.flying.size >= 200) continue;
      const body = Buffer.from(o.body, 'base64');
      const p = envelope.publication({ id: o.id, source: this.county.config.code, type: o.type, case_no: o.case_no }, o.signature);
      this.flying.add(o.id);
      // Only what this process wrote itself is an asking of this process: after a restart the station asks anew (15.2).
      if (o.type === 'print.claimed' && this.madeHere.has(o.id) && !this.askedAt.has(o.id)) this.askedAt.set(o.id, performance.now());
      link.publish(p, body).then((confirmed) => {
        this.flying.delete(o.id);
        log('info', confirmed ? 'sent' : 'not_taken', { id: o.id, type: o.type, case_no: o.case_no });
        this.schedule.set(o.id, { due: Date.now() + (confirmed ? s.pause : 5000), pause: confirmed ? Math.min(s.pause * 2, LONGEST_PAUSE) : s.pause });
      });
    }
  }

  /** After a reconnection everything that is open goes out at once: what was confirmed before may be lost with the old one. */
  hurry() { this.schedule.clear(); }

  /**
   * Records that follow from a refusal of one's own message (11.5).
   * @param at when it was said, by the clock of whoever said it: the hub's for its own refusals
   */
  afterRefusal(o, { code, field }, at) {
    const person = { k: 'event', event: 'refused', id: o.id, type: o.type, case_no: o.case_no, code };
    if (code === 'E-JRNL-031') log('error', 'alarm_checkpoint_never_issued', { id: o.id });
    const key = code === 'E-ADM-042' || code === 'E-ENV-011', place = (code === 'E-ADM-050' || code === 'E-ADM-051') && field === 'prev';
    // This county writes one version only: the same one is tried again when the hub has made a directory since (18).
    const version = code === 'E-ADM-043';
    if (code === 'E-ADM-020') this.clock = at - Date.now();
    if (!(key || place || version || code === 'E-ADM-020') || o.tries >= TRIES) return [person];
    const refusedKeys = key ? [...(o.refusedKeys ?? []), o.encrypted_for] : o.refusedKeys;
    return [person, Outbox.wish(o.type, o.destination, o.payload, { case_no: o.case_no, in_reply_to: o.in_reply_to, supersedes: o.id, tries: o.tries + 1, refusedKeys, ...(version ? { directoryAfter: at } : {}) })];
  }

  /** The request for the directory: the one thing that is said outside an envelope (10.4). */
  requestDirectory(serial) {
    const code = this.county.config.code;
    const properties = { contentType: 'application/vnd.yunhuoban.avro', deliveryMode: 2, messageId: newId(), type: 'directory.requested', userId: code };
    log('info', 'directory_requested', { serial });
    return this.county.link.publish({ exchange: 'submit', routingKey: `from.${code}.directory`, properties }, encode('DirectoryRequest', { division_code: code, serial }));
  }
}
