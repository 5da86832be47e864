/** A second opinion: the headers are the fingerprints that another Avro library computes, and it reads the same bytes. */
import test from 'node:test';
import assert from 'node:assert/strict';
import avro from 'avsc';
import { RECORDS, fullName, resolve } from '../src/schemas.mjs';
import { bytes, vectors } from '../support/vectors.mjs';

/** The schema with every named type written out at its first use (4.1). */
function whole(type, seen = new Set()) {
  if (typeof type === 'string' && type.startsWith('cn.yunhuoban.v1.') && seen.has(type)) return type;
  const s = resolve(type);
  if (Array.isArray(s)) return s.map((b) => whole(b, seen));
  if (s.name) seen.add(fullName(s.name));
  if (s.type === 'record') return { ...s, namespace: 'cn.yunhuoban.v1', fields: s.fields.map((f) => ({ name: f.name, type: whole(f.type, seen) })) };
  if (s.type === 'array') return { ...s, items: whole(s.items, seen) };
  return s.name ? { ...s, namespace: 'cn.yunhuoban.v1' } : s.type && !s.items && Object.keys(s).length <= 2 ? s.type : s;
}

/** CRC-64-AVRO of the Avro specification. */
function crc64(data) {
  const EMPTY = 0xc15d213aa4d7a795n, mask = (1n << 64n) - 1n;
  let fp = EMPTY;
  for (const b of data) {
    let t = (fp ^ BigInt(b)) & 0xffn;
    for (let i = 0; i < 8; i++) t = (t >> 1n) ^ (EMPTY & -(t & 1n) & mask);
    fp = (fp >> 8n) ^ t;
  }
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(fp & mask);
  return out.toString('hex');
}

for (const r of vectors('encoding').records) test(`avsc ${r.name}`, () => {
  const type = avro.Type.forSchema(whole(r.name), { wrapUnions: 'auto' });
  const canonical = JSON.stringify(type.schema({ exportAttrs: false }));
  assert.equal('c301' + crc64(Buffer.from(canonical)), RECORDS[r.name].header);
  for (const kind of ['full', 'least']) {
    const body = bytes(r[kind].bytes).subarray(10);
    assert.deepEqual(type.toBuffer(type.fromBuffer(body)), body);
  }
});
