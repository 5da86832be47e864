import test from 'node:test';
import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { decode, encode } from '../src/codec.mjs';
import * as ids from '../src/identifiers.mjs';
import { judge } from '../src/certificates.mjs';
import * as signing from '../src/signing.mjs';
import * as sealing from '../src/sealing.mjs';
import { codeOf, codeOfAsync } from '../support/refusals.mjs';
import { bytes, cert, keys, list, privateKey, trust, vectors } from '../support/vectors.mjs';

for (const r of vectors('encoding').records) for (const kind of ['full', 'least']) test(`encoding ${r.name} ${kind}`, () => {
  assert.equal(encode(r.name, r[kind].value).toString('hex'), r[kind].bytes);
  assert.deepEqual(decode(r.name, bytes(r[kind].bytes)), r[kind].value);
});
for (const v of vectors('encoding').refused) test(`encoding refused: ${v.name}`, () => {
  assert.throws(() => decode(v.record, bytes(v.bytes)), (e) => { assert.deepEqual([e.code, e.field], [v.code, v.place]); return true; });
});

const CHECK = { division_code: ids.checkDivisionCode, credit_code: ids.checkCreditCode, service_item: ids.checkServiceItem, case_no: ids.checkCaseNo, license_identifier: ids.checkLicenseIdentifier };
const idv = vectors('identifiers');
for (const v of [...idv.accepted, ...idv.refused]) test(`identifier ${v.kind} ${v.text}`, () => assert.equal(codeOf(() => CHECK[v.kind](v.text)), v.code ?? null));
for (const v of idv.minted) test(`minted ${v.case_no}`, () => assert.equal(ids.mintCaseNo(v.division_code, v.day, v.serial), v.case_no));
for (const v of idv.built) test(`built ${v.license_identifier}`, () => assert.equal(ids.buildLicenseIdentifier(v.type, v.issuer, v.serial, v.version), v.license_identifier));

for (const [i, v] of vectors('certificates').vectors.entries()) test(`certificate ${i} ${v.certificate} as ${v.role}`, () => {
  const t = { ...trust, lists: v.revocation_lists.map(list) };
  let standing = 'good', code = null;
  try { judge(cert(v.certificate), v.role, v.at, t); } catch (e) { code = e.code; standing = code === 'E-CERT-054' ? 'unknown' : 'refused'; }
  assert.deepEqual([standing, code], [v.standing, v.code]);
});
for (const name of Object.keys(keys.certificates)) test(`thumbprint ${name}`, () => assert.equal(cert(name).thumbprint, keys.certificates[name].thumbprint));

const sig = vectors('signature');
for (const v of sig.vectors) test(`signature: ${v.name}`, () => assert.equal(codeOf(() => signing.verify(v.token, bytes(v.body), v.typ, cert('window_signing'))), v.code));
test('signature: signing input', () => {
  const token = signing.sign(bytes(sig.vectors[0].body), 'yhb-envelope+jws', privateKey('window_signing'), cert('window_signing').thumbprint);
  assert.equal(Buffer.from(token.split('.')[0], 'base64url').toString(), sig.signing_input.header);
  assert.equal(`${token.split('.')[0]}.${bytes(sig.vectors[0].body).toString('base64url')}`, sig.signing_input.input);
  signing.verify(token, bytes(sig.vectors[0].body), 'yhb-envelope+jws', cert('window_signing'));
});

const enc = vectors('encryption');
test('encryption: every intermediate value', async () => {
  const s = enc.sender;
  assert.equal(sealing.commit(bytes(s.salt), bytes(s.payload)).toString('hex'), s.commitment);
  const plaintext = sealing.pad(bytes(s.salt), bytes(s.payload));
  assert.equal(plaintext.toString('hex'), s.plaintext);
  assert.equal(sealing.infoOf(bytes(s.bound)).toString('hex'), s.info);
  const ecdh = createECDH('prime256v1'); ecdh.setPrivateKey(s.ephemeral_private, 'hex');
  const pub = ecdh.getPublicKey(), b = (x) => x.toString('base64url');
  const pair = await sealing.keyPair({ kty: 'EC', crv: 'P-256', d: b(bytes(s.ephemeral_private)), x: b(pub.subarray(1, 33)), y: b(pub.subarray(33)) });
  assert.equal((await sealing.seal(plaintext, bytes(s.bound), cert(s.recipient), pair)).toString('hex'), s.ciphertext);
});
for (const v of enc.opened) test(`encryption: ${v.name}`, async () => {
  const key = await sealing.recipientKey(privateKey('issuing_encryption'));
  assert.equal(await codeOfAsync(async () => assert.equal((await sealing.open(bytes(v.ciphertext), bytes(v.bound), bytes(v.commitment), key)).toString('hex'), enc.sender.payload)), v.code);
});
for (const v of enc.buckets) test(`bucket ${v.length}`, () => assert.equal(sealing.bucket(v.length), v.padded));

for (const [i, v] of enc.attachment_parts.entries()) test(`attachment part ${i}`, () => {
  const key = bytes(enc.attachment_key);
  assert.equal(codeOf(() => assert.equal(sealing.openPart(key, v.index, v.last, bytes(v.ciphertext)).toString('hex'), v.plaintext)), v.code);
  if (!v.code) assert.equal(sealing.sealPart(key, v.index, v.last, bytes(v.plaintext)).toString('hex'), v.ciphertext);
});

const routing = vectors('routing');
for (const v of routing.shards) test(`shard ${v.case_no || v.division_code || v.source}`, () => assert.equal(ids.shardOf(v.case_no, v.source ?? v.division_code), v.shard));
for (const v of routing.keys) test(`routing key ${v.routing_key}`, () => assert.equal(ids.routingKey(v.source, v.type, v.case_no), v.routing_key));
test('directory request', () => assert.equal(encode('DirectoryRequest', { division_code: '130928', serial: routing.directory_request.serial }).toString('hex'), routing.directory_request.body));
