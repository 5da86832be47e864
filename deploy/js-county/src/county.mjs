/** The county as a whole: store, directory, inbox, window, outbox and link, and the clock that drives them. */
import { join } from 'node:path';
import { decode } from './codec.mjs';
import { Directory } from './directory.mjs';
import { Refused } from './errors.mjs';
import { Events } from './events.mjs';
import { chinaDate } from './identifiers.mjs';
import { Inbox } from './inbox.mjs';
import { Link } from './link.mjs';
import { log } from './log.mjs';
import { Outbox } from './outbox.mjs';
import { Printing } from './printing.mjs';
import { sign } from './signing.mjs';
import { State } from './state.mjs';
import { Store, readIfThere, replaceFile } from './store.mjs';
import { Window } from './window.mjs';

const RENEWED_WITHIN = 26 * 3_600_000, BETWEEN_COUNTERSIGNATURES = 50_000, DAY = 86_400_000;
const FIRST_ASK = 5000, LAST_ASK = 600_000;

export class County {
  /** @param config as loaded by keys.mjs @param {Link} [link] another link, for tests */
  constructor(config, link) {
    const folder = config.at(config.state ?? 'state');
    Object.assign(this, { config, folder, state: new State(), asking: null, written: -1, busy: false, again: false });
    this.directory = this.loadDirectory();
    this.events = new Events(join(folder, 'events.jsonl'));
    this.store = new Store(join(folder, 'store.jsonl'), (r, seq, at) => { this.state.apply(r, seq, at); this.events.add(r, seq, at); });
    this.link = link ?? new Link(config, (arrival) => this.keep(arrival));
    this.inbox = new Inbox(this);
    this.outbox = new Outbox(this);
    this.window = new Window(this);
    this.printing = new Printing(this);
  }

  /** Commits an arrival as it came; only then may it be acknowledged (3.5). */
  keep(a) {
    this.store.commit([{ k: 'arrived', n: this.state.nextArrival, messageId: a.messageId, type: a.type, body: a.body.toString('base64'), signature: a.signature, evidence: a.evidence.toString('base64') }]);
    this.cycle();
  }

  run() {
    this.link.on('up', () => { this.outbox.hurry(); this.cycle(); });
    this.timer = setInterval(() => this.cycle(), 1000);
    if (!this.directory.serial) this.ask(0);
    return this.link.run();
  }

  /** One round of everything, never two at a time. */
  async cycle() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      do {
        this.again = false;
        await this.round();
      } while (this.again);
    } catch (error) {
      log('error', 'stopped', { reason: error.stack });
      process.exitCode = 1;
      this.close();
    } finally {
      this.busy = false;
    }
  }

  async round() {
    if (this.stopped) return;
    await this.inbox.judgeAll();
    if (this.state.fork) {
      if (!this.alarmed) log('error', 'fork', { code: this.state.fork.code, place: this.state.fork.field });
      this.alarmed = true;
    } else {
      this.window.scan();
      this.printing.tick();
      this.countersign();
      this.resendAfterRestore();
      await this.outbox.make();
      await this.renew();
      this.outbox.send();
    }
    this.writeCases();
  }

  // — directory —

  get directoryPath() { return join(this.folder, 'directory.json'); }

  loadDirectory() {
    const d = new Directory({ roots: this.config.roots, trial: this.config.trial, code: this.config.code });
    const kept = JSON.parse(readIfThere(this.directoryPath) ?? 'null');
    if (kept) Object.assign(d, kept, { entries: new Map(kept.entries.map(([k, v]) => [k, Buffer.from(v, 'base64')])) });
    return d;
  }

  /** Applies a `directory.published`. Kept in a file of its own: applying it once more after a crash changes nothing. */
  takeDirectory(a) {
    const d = this.directory;
    let result;
    try {
      result = d.apply(a.body, a.signature, Date.now());
    } catch (error) {
      if (error instanceof Refused && d.serial === 0) this.ask(0);
      throw error;
    }
    log('info', 'directory', { outcome: result.outcome, serial: d.serial });
    if (result.outcome === 'lacking') this.ask(result.ask);
    if (result.outcome === 'known') Object.assign(this, { asking: null, quietUntil: Date.now() + LAST_ASK });
    if (result.outcome === 'applied') {
      const { serial, issuedAt, expiresAt, stateSha256, numbers } = d;
      replaceFile(this.directoryPath, JSON.stringify({ serial, issuedAt, expiresAt, stateSha256, numbers, entries: [...d.entries].map(([k, v]) => [k, v.toString('base64')]) }));
      this.asking = null;
      this.checkOwnEntry();
      if (!d.calendar.certain) log('error', 'calendar_cannot_be_read', { code: 'E-LINK-112', field: d.calendar.problem?.field });
      this.again = true; // what waited for it may go on
    }
    return [{ k: 'event', event: 'directory', outcome: result.outcome, serial: d.serial }];
  }

  /** What the directory states of this county must be the keys that it made (10.5). */
  checkOwnEntry() {
    const own = this.directory.county(this.config.code);
    if (!own) return log('error', 'not_in_the_directory', {});
    const stated = decode('KeyStatement', Buffer.from(own.key_statement, 'hex')).encryption_certificates;
    const made = new Set(this.config.encryption.map((k) => k.certificate.der.toString('hex')));
    if (!stated.length || stated.some((der) => !made.has(der))) log('error', 'alarm_foreign_key_stated', { code: 'E-LINK-105' });
    if (own.state !== 'active') log('error', 'county_not_active', { state: own.state });
  }

  ask(serial) { if (!this.asking || this.asking.serial !== serial) this.asking = { serial, due: 0, pause: FIRST_ASK }; }

  async renew(now = Date.now()) {
    if (!this.asking && now > (this.quietUntil ?? 0) && now - this.directory.issuedAt > RENEWED_WITHIN) this.ask(this.directory.serial);
    if (!this.asking || this.asking.due > now || !this.link.up) return;
    const asking = this.asking;
    asking.due = now + asking.pause;
    asking.pause = Math.min(asking.pause * 2, LAST_ASK);
    await this.outbox.requestDirectory(asking.serial);
  }

  // — journal —

  /** Answers a publication that asks for it, or asks for proofs that are overdue (12.5). */
  countersign(now = Date.now()) {
    const { journal, countersignWanted, countersignedAt } = this.state, bytes = journal.provenBytes();
    if (!bytes || !(countersignWanted || journal.overdue(now)) || now - countersignedAt < BETWEEN_COUNTERSIGNATURES) return;
    const { epoch, size, root } = decode('Checkpoint', bytes), { certificate, privateKey } = this.config.signing;
    const payload = { epoch, size, root, unproven: journal.unproven(), signature: sign(bytes, 'yhb-checkpoint+jws', privateKey, certificate.thumbprint) };
    this.store.commit([Outbox.wish('checkpoint.countersigned', 'hub', payload)]);
  }

  /** The report to a restored hub, in parts of 32 (12.6). */
  epochReport(s) {
    const { state } = this, since = s.backed_up_at - DAY;
    const receipts = [...state.out.values()].filter((o) => o.receipt && o.receipt.leaf_index >= s.restored_size)
      .map((o) => ({ receipt: Buffer.from(o.receipt.bytes, 'base64').toString('hex'), signature: o.signature }));
    const grants = [...state.prints.values()].flatMap((p) => (p.grants ?? []).filter((g) => g.granted_at >= since || !p.result)
      .map((g) => ({ message_id: g.message_id, grant: Buffer.from(g.body, 'base64').toString('hex'), signature: g.signature, state: p.state })));
    const earlier = Object.entries(state.journal.epochs).filter(([n]) => Number(n) < s.epoch).flatMap(([n, e]) => Object.entries(e.seen).filter(([, c]) => c.bytes).map(([size, c]) => ({ n: Number(n), size: Number(size), ...c })));
    const highest = earlier.sort((a, b) => a.n - b.n || a.size - b.size).at(-1);
    const parts = Math.max(1, Math.ceil(Math.max(receipts.length, grants.length) / 32));
    const wishes = Array.from({ length: parts }, (_, part) => Outbox.wish('epoch.reported', 'hub', {
      epoch: s.epoch, part, parts, checkpoint: highest?.bytes ?? '', checkpoint_signature: highest?.signature ?? '',
      receipts: receipts.slice(part * 32, part * 32 + 32), grants: grants.slice(part * 32, part * 32 + 32),
    }));
    return [...wishes, { k: 'reported', epoch: s.epoch, restored_size: s.restored_size, ids: wishes.map((w) => w.id) }];
  }

  /** After the hub has receipted all parts, every message beyond the restored size goes out again, the same bytes. */
  resendAfterRestore() {
    for (const r of this.state.reported.values()) {
      if (r.resent || !r.ids.every((id) => this.state.out.get(id)?.receipt)) continue;
      const lost = [...this.state.out.values()].filter((o) => o.receipt?.verdict === 'admitted' && o.receipt.epoch < r.epoch && o.receipt.leaf_index >= r.restored_size);
      this.store.commit([...lost.map((o) => ({ k: 'again', id: o.id })), { ...r, resent: true }]);
      this.outbox.hurry();
    }
  }

  // — for people —

  writeCases() {
    if (this.written === this.store.seq) return;
    this.written = this.store.seq;
    const { state } = this, all = {};
    for (const [no, c] of state.cases) {
      const prints = [...state.prints.values()].filter((p) => p.case_no === no).map((p) => ({ authorisation_no: p.authorisation.authorisation_no, copy_kind: p.authorisation.copy_kind, copy_no: p.authorisation.copy_no, state: p.state, code: p.code ?? undefined }));
      const sent = [...state.out.values()].filter((o) => o.case_no === no).map((o) => ({ type: o.type, id: o.id, admitted: o.receipt?.verdict === 'admitted', received: o.received, refused: o.refused ?? undefined }));
      let current = null;
      try { current = state.caseState(no); } catch { current = 'unknown'; }
      all[no] = { state: current, answer_by: current === 'submitted' ? this.answerBy(no) : undefined, window: c.window, issuing: c.issuing, service_item: c.service_item, file: c.file, prints, sent };
    }
    replaceFile(join(this.folder, 'cases.json'), JSON.stringify(all, null, 1) + '\n');
  }

  /** Until when the issuing county has to say what is missing: later it may not, and the application counts as accepted (11.4). */
  answerBy(caseNo) {
    const { state, directory } = this;
    const admitted = [...state.out.values()].find((o) => o.case_no === caseNo && o.type === 'application.submitted' && o.receipt?.verdict === 'admitted');
    if (!admitted) return undefined;
    const { endsAt, provisional } = directory.workdays(state.cases.get(caseNo).issuing).limit(chinaDate(admitted.receipt.admitted_at), 'working_day', 5);
    return { at: new Date(endsAt).toISOString(), provisional };
  }

  close() {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.timer);
    this.link.close();
    this.events.close();
    this.store.close();
  }
}

