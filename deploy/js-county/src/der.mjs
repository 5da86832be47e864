/** Just enough DER to read certificates and revocation lists; node:crypto does the cryptography but hides extensions. */
import { Refused } from './errors.mjs';

/** One element: tag, content, and the whole of its bytes. */
export function element(bytes, at = 0) {
  const bad = () => new Refused('E-CERT-050', 'der');
  if (at + 2 > bytes.length) throw bad();
  let length = bytes[at + 1], head = 2;
  if (length & 0x80) {
    const n = length & 0x7f;
    if (n < 1 || n > 4 || at + 2 + n > bytes.length) throw bad();
    length = bytes.readUIntBE(at + 2, n);
    if (length < 0x80) throw bad();
    head += n;
  }
  const end = at + head + length;
  if (end > bytes.length) throw bad();
  return { tag: bytes[at], content: bytes.subarray(at + head, end), raw: bytes.subarray(at, end), end };
}

/** All elements inside a constructed one. */
export function children(content) {
  const list = [];
  for (let at = 0; at < content.length; ) {
    const e = element(content, at);
    list.push(e);
    at = e.end;
  }
  return list;
}

export function oid(content) {
  const arcs = [];
  let n = 0n;
  for (const byte of content) {
    n = (n << 7n) | BigInt(byte & 0x7f);
    if (!(byte & 0x80)) { arcs.push(n); n = 0n; }
  }
  const first = arcs[0] < 40n ? 0n : arcs[0] < 80n ? 1n : 2n;
  return [first, arcs[0] - 40n * first, ...arcs.slice(1)].join('.');
}

/** UTCTime or GeneralizedTime in milliseconds. */
export function time(e) {
  const text = e.content.toString('latin1');
  const full = e.tag === 0x17 ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text : text;
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (!m) throw new Refused('E-CERT-050', 'time');
  return Date.UTC(+m[1], +m[2] - 1, +m[3], +m[4], +m[5], +m[6]);
}

/** Extensions by object identifier; one that stands twice is refused. */
export function extensions(seq) {
  const map = new Map();
  for (const ext of children(seq)) {
    const parts = children(ext.content);
    const id = oid(parts[0].content);
    if (map.has(id)) throw new Refused('E-CERT-050', 'extensions');
    const critical = parts.length === 3 && parts[1].content[0] === 0xff;
    map.set(id, { critical, value: parts.at(-1).content });
  }
  return map;
}
