/** What came: interpreted after it was stored and acknowledged, each arrival once, or kept waiting (3.5, 12, 13). */
import { decode } from './codec.mjs';
import { checkFields, factsIn } from './envelope.mjs';
import { Fork, Refused, Waiting } from './errors.mjs';
import { idAbout } from './identifiers.mjs';
import { HubWords } from './hubwords.mjs';
import { HUB_WORDS, TYPES } from './messages.mjs';
import { openMessage } from './opening.mjs';
import { tooLate, turns } from './order.mjs';
import { Outbox } from './outbox.mjs';

const DAY = 86_400_000;
const NOBODYS = new Set(['E-ENV-105', 'E-ENV-106']);

export class Inbox {
  constructor(county) { Object.assign(this, { county, hub: new HubWords(county) }); }

  /** Judges every arrival that is open; what waits is looked at again by the next call. */
  async judgeAll() {
    const { state, store } = this.county;
    for (const a of [...state.arrivals.values()]) {
      if (state.fork) return;
      const arrival = { ...a, body: Buffer.from(a.body, 'base64'), evidence: Buffer.from(a.evidence, 'base64') };
      const judged = { k: 'judged', n: a.n };
      try {
        store.commit([...(await this.interpret(arrival)), judged]);
      } catch (error) {
        if (error instanceof Fork) store.commit([{ k: 'fork', n: a.n, code: error.code, field: error.field }]);
        else if (error instanceof Waiting && !(error.forADay && Date.now() - a.at > DAY)) this.waits(a, error);
        else if (error instanceof Refused) store.commit([...this.refusal(arrival, error), judged]);
        else throw error;
      }
    }
    this.effects();
  }

  /** Kept and looked at again; a person is told once why. */
  waits(a, error) {
    if (a.told !== error.code) this.county.store.commit([{ k: 'waits', n: a.n, id: a.messageId, type: a.type, code: error.code, field: error.field }]);
  }

  /** The records that follow from one arrival. */
  async interpret(a) {
    switch (a.type) {
      case 'directory.published': return this.county.takeDirectory(a);
      case 'admission.receipt': return this.hub.receipt(a);
      case 'print.granted': return this.hub.grant(a);
      case 'checkpoint.published': return this.hub.publication(a);
      case 'epoch.opened': return this.hub.epoch(a);
      default: return this.message(a);
    }
  }

  /** Another county's message: opened, and answered with "received" in the same transaction (13.1, 13.2). */
  async message(a) {
    const { state, config, directory } = this.county;
    if (this.comesTooLate(a)) return [{ k: 'event', event: 'dropped_after_its_second_form', id: a.messageId, type: a.type }];
    const opened = await openMessage(a, {
      code: config.code, directory, keys: config.hpke, burnt: config.burnt,
      cases: Object.fromEntries([...state.cases].map(([no, c]) => [no, { window: c.window, issuing: c.issuing }])),
      awaits: (e) => e.prev !== null && !this.hadItsTurn(state.messages.get(`${e.source}/${e.prev}`)),
      believed: (source, id) => { const m = state.messages.get(`${source}/${id}`); return m?.sha256 ? Buffer.from(m.sha256, 'hex') : undefined; },
    });
    const { envelope: e, payload, entry, checkpoint, checkpointBytes, receipt } = opened;
    state.journal.mayCount(checkpoint.epoch);
    const records = this.hub.seen(checkpoint, checkpointBytes.toString('hex'), receipt.checkpoint_signature);
    if (e.checkpoint) state.journal.mayCount(e.checkpoint.epoch);
    if (e.checkpoint) records.push(...this.hub.seen(e.checkpoint));
    if (state.messages.has(`${e.source}/${e.id}`)) return records;
    const { chained, opens } = TYPES[e.type];
    if (opens && !state.cases.has(e.case_no)) records.push({ k: 'case', case_no: e.case_no, window: e.source, issuing: e.destination, service_item: e.service_item, trial: e.trial });
    records.push({ k: 'opened', source: e.source, id: e.id, sha256: entry.envelope_sha256, type: e.type, case_no: e.case_no, prev: e.prev, supersedes: e.supersedes, chained, refused: null, applied: false, facts: factsIn(e), payload, in_reply_to: e.in_reply_to });
    if (chained) {
      const received = { message_id: e.id, envelope_sha256: entry.envelope_sha256, received_at: Date.now() };
      records.push(Outbox.wish('message.received', e.source, received, this.about(e, 'message.received')));
    }
    return records;
  }

  /** Whether the second form of this message was opened before it (13.4). Of one that cannot be read the source is not known. */
  comesTooLate(a) {
    let source = null;
    try { source = decode('Envelope', a.body).source; } catch { /* a version that is not known here */ }
    const { messages } = this.county.state;
    return !messages.has(`${source}/${a.messageId}`) && tooLate([...messages.values()].filter((m) => source === null || m.source === source), a.messageId);
  }

  hadItsTurn(m) { return Boolean(m && (m.applied || m.refused)); }

  about(e, type) {
    return { id: idAbout(e.id, type), case_no: e.case_no, in_reply_to: e.id, service_item: e.service_item, trial: e.trial };
  }

  /** Records of a refusal: `message.refused` for a chained message that is really somebody's to us (13.3). */
  refusal(a, error) {
    const records = [{ k: 'event', event: 'refused_here', id: a.messageId, type: a.type, code: error.code, field: error.field }];
    if (HUB_WORDS[a.type]) return records;
    let e;
    try { e = decode('Envelope', a.body); checkFields(e); } catch { return records; }
    const { state, config } = this.county, known = `${e.source}/${e.id}`;
    if (!TYPES[e.type].chained || e.destination !== config.code || NOBODYS.has(error.code) || state.messages.get(known)) return records;
    return [...records, ...this.refuse({ ...e, sha256: '', chained: true }, error)];
  }

  refuse(m, error) {
    const refusal = {
      message_id: m.id, code: error.code, field: error.field.slice(0, 120), found: '', expected: error.expected ?? '',
      sentence_zh: '收件县核对后不能接受此报文。', remedy_zh: '请按代码核对后重新报送。',
      sentence_en: 'The window county checked this message and cannot take it.', remedy_en: 'Look up the code, correct it, send anew.', refused_at: Date.now(),
    };
    const { source, id, type, case_no, prev, supersedes, chained } = m;
    return [{ k: 'refusedHere', source, id, type, case_no, prev, supersedes, chained, refused: error.code, applied: false },
      Outbox.wish('message.refused', source, refusal, this.about(m, 'message.refused'))];
  }

  /** Lets everything take effect whose time has come (13.4): notices at once, chained messages after their predecessor. */
  effects() {
    const { state, store } = this.county;
    const open = [...state.messages.values()].filter((m) => !m.applied && !m.refused);
    for (const m of open.filter((x) => !x.chained)) store.commit([{ k: 'applied', source: m.source, id: m.id, type: m.type, case_no: m.case_no }, ...this.county.window.notice(m)]);
    for (const chain of new Set(open.filter((x) => x.chained).map((m) => `${m.source} ${m.case_no}`))) {
      const [source, caseNo] = chain.split(' ');
      for (let next; (next = this.nextOf(source, caseNo)) && !state.fork; ) this.effect(...next);
    }
  }

  nextOf(source, caseNo) {
    const list = [...this.county.state.messages.values()].filter((m) => m.source === source && m.case_no === caseNo && m.chained);
    const [turn] = turns(list, new Set(list.filter((m) => m.applied).map((m) => m.id)));
    return turn && [list.find((m) => m.id === turn.id), turn.effect];
  }

  /** `moves` false: the second form of a message that took effect already has its turn and changes nothing (11.6, 13.4). */
  effect(m, moves) {
    const { state, store, window } = this.county;
    try {
      const applied = { k: 'applied', source: m.source, id: m.id, type: m.type, case_no: m.case_no };
      if (!moves) return store.commit([{ ...applied, again: true }]);
      state.caseState(m.case_no, { type: m.type, facts: m.facts });
      store.commit([applied, ...window.effect(m)]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      store.commit([...this.refuse(m, error), { k: 'event', event: 'refused_here', id: m.id, type: m.type, case_no: m.case_no, code: error.code, field: error.field }]);
    }
  }
}
