/** A small hub and the issuing county 140881 in memory, made of the same modules; enough to play a case against. */
import assert from 'node:assert/strict';
import { decode, encode } from '../src/codec.mjs';
import * as envelope from '../src/envelope.mjs';
import { buildLicenseIdentifier, chinaDate, idAbout, newId, sha256, sha256hex } from '../src/identifiers.mjs';
import { TYPES } from '../src/messages.mjs';
import { leafHash, leafOf } from '../src/receipts.mjs';
import * as sealing from '../src/sealing.mjs';
import { sign } from '../src/signing.mjs';
import { bytes, cert, privateKey, vectors } from './vectors.mjs';

const hash = (l, r) => sha256(Buffer.concat([Buffer.from([1]), l, r]));
const half = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k; };
const root = (l) => (l.length === 1 ? l[0] : hash(root(l.slice(0, half(l.length))), root(l.slice(half(l.length)))));
const path = (i, l) => (l.length === 1 ? [] : i < half(l.length) ? [...path(i, l.slice(0, half(l.length))), root(l.slice(half(l.length)))] : [...path(i - half(l.length), l.slice(half(l.length))), root(l.slice(0, half(l.length)))]);
function consistency(m, l, whole = true) {
  if (m === l.length) return whole ? [] : [root(l)];
  const k = half(l.length);
  return m <= k ? [...consistency(m, l.slice(0, k), whole), root(l.slice(k))] : [...consistency(m - k, l.slice(k), false), root(l.slice(0, k))];
}

/** The hub and county 140881 together; `queue` holds what county 130928 is sent. */
export class World {
  constructor() { Object.assign(this, { leaves: [], known: new Map(), queue: [], prev: {}, ours: [], settled: [], counters: [], superseded: [], handed: 0, claims: 0, refuse: {}, busyOnce: false, oddOnce: false, epoch: 1, reports: [], replayed: [], again: {}, silent: false }); }

  put(type, body, signature, evidence, messageId = newId()) { this.queue.push({ messageId, type, body, signature: signature ?? '', evidence: evidence ?? Buffer.alloc(0) }); }

  receipt(messageId, body, signature, signer, code = null) {
    const refusal = code && encode('Refusal', { message_id: messageId, code, field: 'prev', found: '', expected: '', sentence_zh: '', remedy_zh: '', sentence_en: '', remedy_en: '', refused_at: Date.now() });
    const entry = { message_id: messageId, envelope_sha256: sha256hex(body), signature_sha256: sha256hex(signature), signer_thumbprint: signer, admitted_at: Date.now(), verdict: code ?? 'admitted', refusal: refusal?.toString('hex') ?? '', leaf_index: this.leaves.length, proof: [] };
    this.leaves.push(leafHash(leafOf(body, signature, entry)));
    entry.proof = path(entry.leaf_index, this.leaves).map((h) => h.toString('hex'));
    return encode('AdmissionReceipt', { ...this.checkpoint(), entries: [entry] });
  }

  checkpoint() {
    const c = encode('Checkpoint', { origin: 'yunhuoban', epoch: this.epoch, size: this.leaves.length, root: root(this.leaves).toString('hex'), made_at: Date.now() });
    return { checkpoint: c.toString('hex'), checkpoint_signature: sign(c, 'yhb-checkpoint+jws', privateKey('hub_checkpoint'), cert('hub_checkpoint').thumbprint) };
  }

  hubWord(type, record, typ, value, signer = 'hub_signing', messageId = newId()) {
    const body = encode(record, value);
    this.put(type, body, sign(body, typ, privateKey(signer), cert(signer).thumbprint), undefined, messageId);
  }

  publishCheckpoint(from) {
    const size = this.leaves.length, at = (m) => consistency(m, this.leaves).map((h) => h.toString('hex'));
    this.hubWord('checkpoint.published', 'CheckpointPublished', 'yhb-publication+jws', { county: '130928', ...this.checkpoint(), countersign: true, proofs: from.filter((m) => m > 0 && m < size).map((m) => ({ size: m, path: at(m) })), countersignatures: [], published_at: Date.now() });
  }

  /** What the county published. */
  async take(p, body) {
    const { messageId: id, type } = p.properties;
    if (type === 'directory.requested') {
      for (const r of vectors('directory').records.filter((x) => x.name.startsWith('complete, ') && x.outcome)) this.put('directory.published', bytes(r.body), r.signature);
      return;
    }
    const before = this.known.get(id), signature = p.properties.headers.signatures[0];
    if (before) { assert.equal(before.sha, sha256hex(body), 'other bytes under a known id'); this.queue.push(before.receipt, ...(before.grant ? [before.grant] : [])); return; }
    const e = envelope.openClear(body, id, type);
    const code = this.refuse[type];
    delete this.refuse[type];
    const receipt = { messageId: newId(), type: 'admission.receipt', body: this.receipt(id, body, signature, cert('window_signing').thumbprint, code), signature: '', evidence: Buffer.alloc(0) };
    const record = { sha: sha256hex(body), receipt, leaf: this.leaves.length - 1 };
    this.known.set(id, record);
    this.queue.push(receipt);
    this.superseded.push(e.supersedes);
    if (code) this.refused = code;
    if (code) return;
    if (this.epoch > 1) {
      if (type === 'epoch.reported') this.reports.push(decode('EpochReport', Buffer.from(e.data, 'hex')));
      else this.replayed.push(id);
      return;
    }
    const chain = `${e.case_no}/${e.destination}`;
    if (TYPES[type].chained) { assert.equal(e.prev, this.prev[chain] ?? null, `prev of ${type}`); this.prev[chain] = id; }
    this.ours.push(type);
    if (e.destination === 'hub') return this.hub(e, record);
    const payload = decode(TYPES[type].record, await sealing.open(Buffer.from(e.data, 'hex'), envelope.bindingOf(e), Buffer.from(e.data_commitment, 'hex'), await sealing.recipientKey(privateKey('issuing_encryption'))));
    envelope.checkFacts(e, payload);
    if (TYPES[type].chained) await this.say(e, 'message.received', { message_id: id, envelope_sha256: sha256hex(body), received_at: Date.now() }, id);
    await this.issue(e, payload);
  }

  hub(e, record) {
    const p = decode(TYPES[e.type].record, Buffer.from(e.data, 'hex'));
    if (e.type === 'checkpoint.countersigned') this.counters.push(p);
    if (e.type !== 'print.claimed') return;
    this.claims++;
    const { busyOnce: busy, oddOnce: odd } = this;
    Object.assign(this, { busyOnce: false, oddOnce: false });
    this.hubWord('print.granted', 'Grant', 'yhb-grant+jws', { authorisation_no: p.authorisation_no, claim_id: p.claim_id, county: '130928', station: p.station, granted: !busy, code: busy ? 'E-ADM-120' : '', license_identifier: this.license, license_state: 'valid', license_state_at: Date.now(), granted_at: Date.now() }, 'hub_signing', odd ? newId() : idAbout(e.id, 'print.granted:130928'));
    record.grant = this.queue.at(-1);
  }

  /** Says it to the county; `again` has the types that are said in two forms (11.6), and how they come. */
  async say(e, type, payload, replyTo = null) {
    const chained = TYPES[type].chained, chain = `${e.case_no}/130928`, before = chained ? this.prev[chain] ?? null : null;
    const form = async (supersedes) => {
      const made = await envelope.make({ id: newId(), source: '140881', destination: '130928', type, case_no: e.case_no, service_item: e.service_item, prev: before, in_reply_to: replyTo, supersedes, trial: e.trial, time: Date.now() }, payload, cert('window_encryption'), { privateKey: privateKey('issuing_signing'), certificate: cert('issuing_signing') });
      if (chained) this.prev[chain] = made.envelope.id;
      const evidence = this.receipt(made.envelope.id, made.body, made.signature, cert('issuing_signing').thumbprint);
      return { messageId: made.envelope.id, type, body: made.body, signature: made.signature, evidence };
    };
    const first = await form(null);
    if (!this.again[type]) { this.queue.push(first); return; }
    const forms = [first, await form(first.messageId)];
    // A later version of the envelope: its header is that of no record known here.
    if (this.again[type].unread) first.body = Buffer.concat([first.body.subarray(0, 2), Buffer.alloc(8), first.body.subarray(10)]);
    this.queue.push(...(this.again[type].late ? forms.reverse() : forms));
  }

  /** The same directory once more, made now, as the hub does every day. */
  renewDirectory() {
    const { state_sha256 } = vectors('directory');
    this.hubWord('directory.published', 'Directory', 'yhb-directory+jws', { serial: 101, since: 100, part: 1, parts: 1, issued_at: Date.now(), expires_at: Date.now() + 7 * 86_400_000, state_sha256, entries: [], removed: [] });
  }

  async issue(e, p) {
    if (this.silent) return;
    const today = chinaDate(Date.now());
    if (e.type === 'application.submitted') {
      await this.say(e, 'application.accepted', { project_no: '1', accept_doc_no: '受1', accepted_at: Date.now(), promised_on: today + 5, clerk: '乙' }, e.id);
      await this.say(e, 'decision.made', { decision_no: '决1', outcome: 'granted', decided_at: Date.now(), reasons: '', remedies: '', approver: '丙', approver_no: '1', license_number: '', established_on: null, renews: null, valid_until: null });
      this.license = buildLicenseIdentifier('11100000MB03271699001', '11140881MB0000000U', '1', 1);
      const file = { copy_kind: 'original', copy_no: 1, template: 't', template_version: '1', stock_kind: 's', media: 'iso_a3', sealed: '25504446', sealed_sha256: sha256hex(bytes('25504446')), print_file: '255044', print_file_sha256: sha256hex(bytes('255044')) };
      await this.say(e, 'license.issued', { identifier: this.license, version: '001', type_code: '11100000MB03271699001', name: '营业执照', number: '1', holder: '某', holder_code: '', holder_code_kind: '', issuing_authority: '局', issuing_authority_code: '11140881MB0000000U', issued_on: today, valid_from: null, valid_until: null, area_code: '140881', state: 'valid', face: [], files: [file], food: null, drug: null, performance: null, residence: null, elder: null, complaint_phone: '' });
      await this.say(e, 'print.authorised', { authorisation_no: `${e.case_no}-O1-1`, license_identifier: this.license, license_version: '001', copy_kind: 'original', copy_no: 1, sealed_sha256: file.sealed_sha256, print_file_sha256: file.print_file_sha256, template: 't', template_version: '1', target_county: '130928', target_hall: '01', stock_kind: 's', expires_at: Date.now() + 1e8, nonce: '00'.repeat(16), replaces: null });
    }
    if (e.type === 'print.settled') this.settled.push(p.result);
    if (e.type === 'case.handed_over') { this.handed++; await this.say(e, 'case.closed', { result: 'licensed', closed_at: Date.now(), clerk: '乙' }); }
  }

  /** The hub was restored to its first `size` leaves and says so (12.6). */
  restore(size) {
    this.epoch = 2;
    const lost = [...this.known].filter(([, r]) => r.leaf >= size).map(([id]) => id);
    for (const id of lost) this.known.delete(id);
    this.leaves.length = size;
    const restored = encode('Checkpoint', { origin: 'yunhuoban', epoch: 1, size, root: root(this.leaves).toString('hex'), made_at: Date.now() });
    this.hubWord('epoch.opened', 'EpochOpened', 'yhb-epoch+jws', { origin: 'yunhuoban', epoch: 2, revision: 1, opened_at: Date.now(), backed_up_at: Date.now(), restored_size: size,
      restored_checkpoint: restored.toString('hex'), restored_signature: sign(restored, 'yhb-checkpoint+jws', privateKey('hub_checkpoint'), cert('hub_checkpoint').thumbprint),
      highest_checkpoint: '', highest_signature: '', settled: false, set_aside: [] }, 'hub_checkpoint');
    return lost;
  }
}
