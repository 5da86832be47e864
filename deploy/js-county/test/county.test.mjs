import test from 'node:test';
import assert from 'node:assert/strict';
import { decode, encode } from '../src/codec.mjs';
import { certificate } from '../src/certificates.mjs';
import { Directory, checkStatement, digest, haveInCommon } from '../src/directory.mjs';
import * as envelope from '../src/envelope.mjs';
import { Fork } from '../src/errors.mjs';
import { idAbout, sha256hex, sha256 } from '../src/identifiers.mjs';
import { Journal } from '../src/journal.mjs';
import { HUB_WORDS, TYPES, interleave, move } from '../src/messages.mjs';
import { openMessage } from '../src/opening.mjs';
import { tooLate, turns } from '../src/order.mjs';
import * as receipts from '../src/receipts.mjs';
import * as sealing from '../src/sealing.mjs';
import * as signing from '../src/signing.mjs';
import { openGrant } from '../src/printing.mjs';
import { codeOf, codeOfAsync } from '../support/refusals.mjs';
import { bytes, cert, privateKey, trust, vectors } from '../support/vectors.mjs';

const AT = 1795320000000;
const dir = vectors('directory');
const fresh = () => new Directory({ roots: [cert('root')], trial: true, code: '130928' });
/** The directory of directory.json: its entries, as if they had been published. */
function directory() {
  const d = fresh();
  d.entries = new Map(dir.entries.map((e) => [e.key, bytes(e.value)]));
  return Object.assign(d, { serial: 100, expiresAt: AT + 7 * 86400000 });
}

const tree = vectors('tree');
for (const [i, v] of tree.leaves.entries()) test(`leaf ${i}`, () => assert.equal(receipts.leafHash(bytes(v.data)).toString('hex'), v.hash));
for (const [i, v] of tree.inclusion.entries()) test(`inclusion ${i}`, () => assert.equal(receipts.included(v.leaf_hash, v.index, v.size, v.proof, v.root), v.holds));
for (const [i, v] of tree.consistency.entries()) test(`consistency ${i}`, () => assert.equal(receipts.consistent(v.old_size, v.old_root, v.new_size, v.new_root, v.proof), v.holds));

const messages = vectors('messages').vectors;
for (const v of messages) test(`message ${v.name}`, async () => {
  const type = TYPES[v.name], payload = encode(type.record, v.record);
  assert.equal(payload.toString('hex'), v.payload);
  assert.equal(encode('Envelope', v.envelope).toString('hex'), v.clear);
  assert.equal(envelope.bindingOf(v.envelope).toString('hex'), v.binding);
  assert.equal(sha256hex(bytes(v.body)), v.sha256);
  const e = envelope.openClear(bytes(v.body), v.publish.properties.message_id, v.publish.properties.type);
  signing.verify(v.signature, bytes(v.body), 'yhb-envelope+jws', cert(v.signer));
  envelope.checkFacts(e, v.record);
  const p = envelope.publication(e, v.signature);
  const { contentType: content_type, deliveryMode: delivery_mode, messageId: message_id, type: t, userId: user_id, headers } = p.properties;
  assert.deepEqual({ exchange: p.exchange, routing_key: p.routingKey, properties: { content_type, delivery_mode, message_id, type: t, user_id }, headers }, v.publish);
  if (v.recipient) {
    const key = await sealing.recipientKey(privateKey(v.recipient));
    assert.deepEqual(await sealing.open(bytes(e.data), bytes(v.binding), bytes(v.envelope.data_commitment), key), payload);
  } else assert.equal(e.data, v.payload);
  // Made by this county from the same record and salt: everything but ciphertext and signature is the same.
  const signer = { privateKey: privateKey(v.signer), certificate: cert(v.signer) };
  const made = await envelope.make({ ...v.envelope }, v.record, v.recipient && cert(v.recipient), signer, v.salt ? bytes(v.salt) : undefined);
  assert.equal(encode('Envelope', { ...made.envelope, data: '' }).toString('hex'), v.clear);
  signing.verify(made.signature, made.body, 'yhb-envelope+jws', cert(v.signer));
});

for (const v of vectors('refusals').vectors) {
  // What a county can see before it sends: the codes of encoding, fields and identifiers. The rest is the hub's.
  if (v.code && !/^E-(CODEC|ENV|ID|JRNL)-/.test(v.code)) continue;
  test(`door: ${v.name}`, () => {
    let found = [null, null];
    try { envelope.checkFields(decode('Envelope', bytes(v.body))); } catch (e) { found = [e.code, e.field]; }
    assert.deepEqual(found, [v.code, v.place]);
  });
}

const rec = vectors('receipts');
for (const v of rec.leaves) test(`receipt leaf ${v.message}`, () => assert.equal(receipts.leafHash(bytes(v.bytes)).toString('hex'), v.hash));
test('receipt: every entry proves its verdict', () => {
  const { receipt, checkpoint } = receipts.openReceipt(bytes(rec.receipt.bytes), directory());
  assert.deepEqual(receipt, rec.receipt.value);
  for (const [i, entry] of receipt.entries.entries()) {
    const m = messages.find((x) => x.envelope.id === entry.message_id);
    const leaf = m && receipts.leafOf(bytes(m.body), m.signature, entry);
    if (m) { assert.equal(leaf.toString('hex'), rec.leaves[i].bytes); assert.equal(receipts.proveEntry(entry, checkpoint, entry.message_id, bytes(m.body), m.signature)?.code ?? 'admitted', entry.verdict); }
    else assert.fail(`no message ${entry.message_id}`);
  }
});
for (const v of rec.evidence) test(`evidence: ${v.name}`, () => {
  const m = messages.find((x) => x.name === v.message);
  assert.equal(codeOf(() => receipts.openEvidence(bytes(v.bytes), m.envelope.id, bytes(m.body), m.signature, directory())), v.code);
});

test('directory digest', () => {
  assert.equal(digest(new Map(dir.entries.map((e) => [e.key, bytes(e.value)]))), dir.state_sha256);
  assert.equal(digest(new Map()), dir.empty_state_sha256);
});
test('directory records in their order', () => {
  const d = fresh();
  for (const r of dir.records) {
    let found = { outcome: null, code: null };
    try { found.outcome = d.apply(bytes(r.body), r.signature, dir.at).outcome; } catch (e) { if (!e.code) throw e; found.code = e.code; }
    assert.deepEqual(found, { outcome: r.outcome, code: r.code }, r.name);
  }
});

test('a county that reads no version of ours is not written to', () => {
  for (const [theirs, ours] of [[[], ['1.0']], [['2.0', '1.0'], ['1.0']], [['1.0'], []]]) assert.ok(haveInCommon(theirs, ours));
  assert.ok(!haveInCommon(['2.0'], ['1.1', '1.0']));
});

test('by a calendar that cannot be read every day is provisional', () => {
  const d = directory();
  assert.deepEqual(d.workdays('130928').day(20727), { working: false, provisional: false });
  d.entries = new Map([...d.entries].filter(([k]) => !k.startsWith('calendar/')));
  d.cachedCalendar = null;
  assert.ok(d.calendar.certain, 'none is none');
  d.entries.set('calendar/x', Buffer.from('日期,安排\n2026-10-01,半天\n'));
  d.cachedCalendar = null;
  assert.deepEqual([d.calendar.certain, d.calendar.problem.code, d.workdays('130928').day(20727)], [false, 'E-LINK-112', { working: false, provisional: true }]);
});

const ks = vectors('key_statement');
for (const v of ks.vectors) test(`key statement: ${v.name}`, () =>
  assert.equal(codeOf(() => checkStatement(bytes(v.body), v.signature, cert('window_signing'), '130928', ks.at, trust)), v.code));

for (const s of vectors('journal').scenes) test(`journal: ${s.name}`, () => {
  const j = new Journal(), d = directory();
  for (const step of s.steps) {
    let outcome;
    try {
      if (step.kind === 'receipt') {
        const b = bytes(step.checkpoint), c = decode('Checkpoint', b);
        d.verifyHub(step.checkpoint_signature, b, 'yhb-checkpoint+jws', 'hub_checkpoint', c.made_at);
        outcome = j.see(c, step.checkpoint, step.checkpoint_signature);
      } else {
        const p = decode('CheckpointPublished', bytes(step.body));
        d.verifyHub(step.signature, bytes(step.body), 'yhb-publication+jws', 'hub_signing', p.published_at);
        outcome = j.publish(p);
      }
    } catch (e) { if (!(e instanceof Fork)) throw e; outcome = 'fork'; }
    assert.equal(outcome, step.outcome);
    if (outcome === 'fork') continue;
    assert.deepEqual(j.stated(), step.stated);
    assert.deepEqual(j.unproven(), step.unproven);
    assert.equal(j.provenBytes() === null, step.countersignature === null);
    if (step.countersignature) signing.verify(step.countersignature, j.provenBytes(), 'yhb-checkpoint+jws', cert('window_signing'));
  }
});

for (const v of vectors('opening').vectors) test(`opening: ${v.name}`, async () => {
  const key = await sealing.recipientKey(privateKey('window_encryption')), own = cert('window_encryption').thumbprint;
  const county = { code: '130928', directory: directory(), keys: v.burnt ? {} : { [own]: key }, burnt: v.burnt ? [own] : [],
    cases: v.case ? { [v.case.case_no]: v.case } : {}, believed: () => undefined, awaits: () => false };
  const arrival = { messageId: v.properties.message_id, type: v.properties.type, body: bytes(v.body), signature: v.signature, evidence: bytes(v.evidence ?? '') };
  assert.equal(await codeOfAsync(() => openMessage(arrival, county)), v.code);
  // The case may still come with a message before this one: then nobody is refused (13.1).
  if (!v.case) assert.equal(await codeOfAsync(() => openMessage(arrival, { ...county, awaits: () => true })), 'E-ENV-110');
});

const grants = vectors('grants');
test('grant: which asking it answers', () =>
  assert.equal(idAbout(grants.answer.claim_message_id, `print.granted:${grants.answer.county}`), grants.answer.message_id));
for (const v of grants.vectors) test(`grant: ${v.name}`, () => {
  const claim = { authorisation_no: vectors('grants').vectors[0].value.authorisation_no, claim_id: v.value.claim_id, station: v.value.station };
  assert.equal(codeOf(() => assert.deepEqual(openGrant(bytes(v.body), v.signature, directory(), '130928', grants.at, () => claim), v.value)), v.code);
});
for (const v of vectors('hub_words').vectors) test(`hub word ${v.name}`, () => {
  const word = HUB_WORDS[v.name];
  assert.deepEqual([word.record, word.typ, word.role], [v.record, v.typ, v.role]);
  assert.deepEqual(decode(v.record, bytes(v.body)), v.value);
  assert.equal(encode(v.record, v.value).toString('hex'), v.body);
  assert.equal(cert(v.signer).thumbprint, v.thumbprint);
  directory().verifyHub(v.signature, bytes(v.body), v.typ, v.role, AT);
});

for (const [i, v] of vectors('lifecycle').vectors.entries()) test(`lifecycle ${i} ${v.before} ${v.type}`, () => {
  let after = null, code = null;
  try { after = move(v.before, v.type, v.facts); } catch (e) { code = e.code; }
  assert.deepEqual([after, code], [v.after, v.code]);
});
test('steps that crossed', () => {
  const s = (type, facts = {}) => ({ type, facts });
  assert.equal(interleave([s('application.submitted'), s('case.withdrawn')], [s('application.accepted')]), 'withdrawn');
  assert.throws(() => interleave([s('application.submitted')], [s('license.issued')]), /E-ADM-102/);
});
for (const v of vectors('order').vectors) test(`order: ${v.name}`, () => {
  const here = [], unread = new Set(), done = new Set(), signed = [], applied = [];
  for (const a of v.arrivals) {
    unread.delete(a.id);
    if (a.unread) unread.add(a.id);
    else if (!here.some((x) => x.id === a.id) && !tooLate(here, a.id)) {
      here.push(a);
      if (!a.refused) signed.push(a.id);
    }
    for (const { id, effect } of turns(here, done)) { done.add(id); if (effect) applied.push(id); }
  }
  assert.deepEqual({ signed, applied }, { signed: v.signed, applied: v.applied });
});

test('card of card.json', () => {
  const c = vectors('card').card;
  const signer = certificate(Buffer.from(c.signing_certificate, 'base64'));
  checkStatement(Buffer.from(c.key_statement, 'base64'), c.key_statement_signature, signer, c.division_code, AT, trust);
});
