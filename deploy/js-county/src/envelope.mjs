/** The envelope: what must be right in its clear fields, how it is made, how its payload is taken out (chapters 8, 9). */
import { decode, encode } from './codec.mjs';
import { Refused } from './errors.mjs';
import * as ids from './identifiers.mjs';
import { HUB_WORDS, TYPES, factsOf } from './messages.mjs';
import { RECORDS, fullName, resolve } from './schemas.mjs';
import * as sealing from './sealing.mjs';
import { sign } from './signing.mjs';

const DAY = 86_400_000;
const LIFE = 20 * DAY;

/** Checks every clear field in the order of the record (9.1); throws at the first thing that is wrong. */
export function checkFields(e) {
  const uuid = (field) => { if (!ids.isUuid(e[field])) throw new Refused('E-ENV-001', field, e[field]); };
  uuid('id');
  if (e.source === 'hub') throw new Refused('E-ENV-008', 'source');
  ids.checkDivisionCode(e.source, 'source');
  if (e.destination !== 'hub') ids.checkDivisionCode(e.destination, 'destination');
  if (HUB_WORDS[e.type]) throw new Refused('E-ENV-008', 'type', e.type);
  const type = Object.hasOwn(TYPES, e.type) ? TYPES[e.type] : null;
  if (!type) throw new Refused('E-ENV-010', 'type', e.type);
  if (type.inCase) {
    ids.checkCaseNo(e.case_no);
    ids.checkServiceItem(e.service_item);
  } else {
    for (const field of ['case_no', 'service_item']) if (e[field] !== '') throw new Refused('E-JRNL-030', field);
    for (const field of ['prev', 'in_reply_to']) if (e[field] !== null) throw new Refused('E-JRNL-030', field);
    if (e.destination !== 'hub') throw new Refused('E-JRNL-030', 'destination', e.destination);
  }
  for (const field of ['prev', 'in_reply_to', 'supersedes']) if (e[field] !== null) {
    uuid(field);
    if (e[field] === e.id) throw new Refused('E-ENV-001', field);
  }
  if (e.expires <= e.time || e.expires > e.time + 30 * DAY) throw new Refused('E-ENV-002', 'expires');
  if (e.dataschema !== RECORDS[type.record].dataschema) throw new Refused('E-ENV-005', 'dataschema', e.dataschema);
  if (e.suite !== 'p256-1') throw new Refused('E-ENV-003', 'suite', e.suite);
  if (e.traceparent && !/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(e.traceparent)) throw new Refused('E-ENV-007', 'traceparent');
  if (e.checkpoint) for (const field of ['epoch', 'size']) if (e.checkpoint[field] < 0) throw new Refused('E-ENV-009', `checkpoint.${field}`);
  const facts = e.facts && Object.keys(e.facts)[0];
  if (facts !== (type.facts && fullName(type.facts))) throw new Refused('E-ENV-004', 'facts', facts ?? 'null', type.facts ?? 'null');
  for (const [name, value] of Object.entries(factsIn(e) ?? {})) for (const text of [value].flat())
    if (typeof text === 'string' && !ids.isCode(text)) throw new Refused('E-ENV-004', `facts.${name}`);
  e.attachments.forEach((a, i) => { if (a.ciphertext_bytes < 0) throw new Refused('E-ENV-009', `attachments[${i}].ciphertext_bytes`); });
  if ((e.encrypted_for === null) !== (e.destination === 'hub')) throw new Refused('E-ENV-006', 'encrypted_for');
}

/** The facts inside an envelope without their union name, or null. */
export const factsIn = (e) => (e.facts ? Object.values(e.facts)[0] : null);

/** Wraps a payload's facts for the union. */
function wrapFacts(type, payload) {
  const name = TYPES[type].facts;
  return name ? { [fullName(name)]: factsOf(type, payload, resolve(name).fields.map((f) => f.name)) } : null;
}

/** Facts equal what the payload says (9.2). */
export function checkFacts(e, payload) {
  const expected = wrapFacts(e.type, payload);
  if (JSON.stringify(expected) !== JSON.stringify(e.facts)) throw new Refused('E-ENV-103', 'facts');
}

const withoutData = (e) => encode('Envelope', { ...e, data: '' });
export const bindingOf = (e) => ids.sha256(withoutData(e));

/**
 * Makes, seals and signs an envelope.
 * @param fields what the message says of itself: id, source, destination, type, case_no, service_item, prev,
 *   in_reply_to, supersedes, trial, time, checkpoint
 * @param payload the record in JSON form
 * @param recipient parsed certificate of the destination's key, null for the hub
 * @param signer {privateKey, certificate}
 */
export async function make(fields, payload, recipient, signer, salt = sealing.newSalt()) {
  const type = TYPES[fields.type];
  const bytes = encode(type.record, payload);
  const e = {
    expires: fields.time + LIFE, dataschema: RECORDS[type.record].dataschema, suite: 'p256-1', traceparent: '', attachments: [],
    in_reply_to: null, supersedes: null, prev: null, checkpoint: null, ...fields,
    facts: wrapFacts(fields.type, payload), encrypted_for: recipient ? recipient.thumbprint : null,
    data_commitment: (recipient ? sealing.commit(salt, bytes) : ids.sha256(bytes)).toString('hex'), data: '',
  };
  const data = recipient ? await sealing.seal(sealing.pad(salt, bytes), bindingOf(e), recipient) : bytes;
  e.data = data.toString('hex');
  checkFields(e);
  const body = encode('Envelope', e);
  return { envelope: e, body, signature: sign(body, 'yhb-envelope+jws', signer.privateKey, signer.certificate.thumbprint) };
}

/** Decodes and checks the clear part of what came (13.1, step 1). */
export function openClear(body, messageId, type) {
  const e = decode('Envelope', body);
  checkFields(e);
  if (e.id !== messageId) throw new Refused('E-ENV-106', 'message_id');
  if (e.type !== type) throw new Refused('E-ENV-106', 'type');
  return e;
}

/** AMQP properties of an envelope that this county publishes (3.3). */
export function publication(e, signature) {
  return {
    exchange: TYPES[e.type].exchange,
    routingKey: ids.routingKey(e.source, e.type, e.case_no),
    properties: {
      contentType: 'application/vnd.yunhuoban.avro', deliveryMode: 2, messageId: e.id, type: e.type, userId: e.source,
      headers: { signatures: [signature] },
    },
  };
}
