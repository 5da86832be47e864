/**
 * Strict, canonical Avro both ways (chapter 4). Avro libraries accept several spellings of one record; here a signature
 * and a digest stand over the bytes, so there may be only one. Values are in the JSON form of chapter 19: bytes and
 * fixed in hexadecimal, times in milliseconds, dates in days.
 */
import { Refused } from './errors.mjs';
import { BY_HEADER, RECORDS, fullName, resolve } from './schemas.mjs';

const INT = [-(2n ** 31n), 2n ** 31n - 1n];
const LONG = [-(2n ** 63n), 2n ** 63n - 1n];
const RANGES = { 'timestamp-millis': [0n, 4102444800000n], date: [-36525n, 109573n] };
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads from a buffer and never beyond it. */
class Reader {
  constructor(bytes, at) { Object.assign(this, { bytes, at }); }

  take(n, place) {
    if (n > this.bytes.length - this.at) throw new Refused('E-CODEC-003', place);
    return this.bytes.subarray(this.at, (this.at += n));
  }

  /** A zig-zag varint in its shortest form, at most ten bytes. */
  varint(place) {
    let raw = 0n;
    for (let i = 0; ; i++) {
      if (i === 10) throw new Refused('E-CODEC-001', place);
      const byte = this.take(1, place)[0];
      raw |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte & 0x80) continue;
      if (i > 0 && byte === 0) throw new Refused('E-CODEC-001', place);
      break;
    }
    if (raw >= 2n ** 64n) throw new Refused('E-CODEC-006', place);
    return (raw >> 1n) ^ -(raw & 1n);
  }

  /** A length or count: never negative, never over its cap, never more than the bytes that are left. */
  size(cap, place) {
    const n = this.varint(place);
    if (n < 0n) throw new Refused('E-CODEC-001', place);
    if (n > BigInt(cap)) throw new Refused('E-CODEC-002', place);
    if (n > BigInt(this.bytes.length - this.at)) throw new Refused('E-CODEC-003', place);
    return Number(n);
  }
}

const number = (n) => (n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n);
const within = (n, [low, high], place) => { if (n < low || n > high) throw new Refused('E-CODEC-006', place); };
const rangesOf = (s) => [s.type === 'int' ? INT : LONG, ...(s.logicalType ? [RANGES[s.logicalType]] : [])];

function read(r, type, caps, place) {
  const s = resolve(type);
  if (Array.isArray(s)) {
    const branch = s[branchIndex(r.varint(place), s.length, place)];
    const value = read(r, branch, caps, place);
    return branch === 'null' || s.length === 2 ? value : { [fullName(resolve(branch).name)]: value };
  }
  switch (s.type) {
    case 'null': return null;
    case 'boolean': {
      const byte = r.take(1, place)[0];
      if (byte > 1) throw new Refused('E-CODEC-001', place);
      return byte === 1;
    }
    case 'int': case 'long': {
      const n = r.varint(place);
      for (const range of rangesOf(s)) within(n, range, place);
      return number(n);
    }
    case 'string': {
      const bytes = r.take(r.size(caps.max_bytes ?? Infinity_, place), place);
      try { return utf8.decode(bytes); } catch { throw new Refused('E-CODEC-005', place); }
    }
    case 'bytes': return r.take(r.size(caps.max_bytes ?? Infinity_, place), place).toString('hex');
    case 'fixed': return r.take(s.size, place).toString('hex');
    case 'enum': return s.symbols[branchIndex(r.varint(place), s.symbols.length, place)];
    case 'array': {
      const items = [];
      const count = r.size(caps.max_items ?? Infinity_, place);
      if (count === 0) return items;
      for (let i = 0; i < count; i++) items.push(read(r, s.items, { max_bytes: caps.item_max_bytes }, `${place}[${i}]`));
      if (r.take(1, place)[0] !== 0) throw new Refused('E-CODEC-001', place);
      return items;
    }
    case 'record': {
      const value = {};
      for (const f of s.fields) value[f.name] = read(r, f.type, f, place ? `${place}.${f.name}` : f.name);
      return value;
    }
    default: throw new Error(`cannot read ${JSON.stringify(s)}`);
  }
}

const Infinity_ = Number.MAX_SAFE_INTEGER;

function branchIndex(n, length, place) {
  within(n, [0n, BigInt(length - 1)], place);
  return Number(n);
}

/** Decodes exactly one record, or refuses. */
export function decode(name, bytes) {
  const record = RECORDS[name];
  if (bytes.length > record.cap_bytes) throw new Refused('E-CODEC-002', '');
  const found = BY_HEADER.get(bytes.subarray(0, 10).toString('hex'));
  if (!found) throw new Refused('E-CODEC-007', '');
  if (found !== name) throw new Refused('E-CODEC-008', name);
  const r = new Reader(bytes, 10);
  const value = read(r, name, {}, '');
  if (r.at !== bytes.length) throw new Refused('E-CODEC-004', '');
  return value;
}

function zigzag(out, n) {
  let raw = BigInt.asUintN(64, (n << 1n) ^ (n >> 63n));
  const bytes = [];
  for (; raw >= 0x80n; raw >>= 7n) bytes.push(Number(raw & 0x7fn) | 0x80);
  out.push(Buffer.from([...bytes, Number(raw)]));
}

function sized(out, bytes, cap, place) {
  if (bytes.length > (cap ?? Infinity_)) throw new Refused('E-CODEC-002', place);
  zigzag(out, BigInt(bytes.length));
  out.push(bytes);
}

function write(out, type, value, caps, place) {
  const s = resolve(type);
  if (Array.isArray(s)) {
    const inner = value !== null && s.length > 2 ? Object.keys(value)[0] : null;
    const index = value === null ? s.indexOf('null') : s.findIndex((b) => b !== 'null' && (!inner || fullName(resolve(b).name) === inner));
    if (index < 0) throw new Refused('E-CODEC-006', place);
    zigzag(out, BigInt(index));
    return write(out, s[index], inner ? value[inner] : value, caps, place);
  }
  switch (s.type) {
    case 'null': return;
    case 'boolean':
      if (typeof value !== 'boolean') throw new Refused('E-CODEC-001', place);
      return void out.push(Buffer.from([value ? 1 : 0]));
    case 'int': case 'long': {
      if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw new Refused('E-CODEC-006', place);
      for (const range of rangesOf(s)) within(BigInt(value), range, place);
      return zigzag(out, BigInt(value));
    }
    case 'string': {
      if (typeof value !== 'string' || /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value))
        throw new Refused('E-CODEC-005', place);
      return sized(out, Buffer.from(value, 'utf8'), caps.max_bytes, place);
    }
    case 'bytes': return sized(out, hex(value, place), caps.max_bytes, place);
    case 'fixed': {
      const bytes = hex(value, place);
      if (bytes.length !== s.size) throw new Refused('E-CODEC-003', place);
      return void out.push(bytes);
    }
    case 'enum': {
      const index = s.symbols.indexOf(value);
      if (index < 0) throw new Refused('E-CODEC-006', place);
      return zigzag(out, BigInt(index));
    }
    case 'array': {
      if (value.length > (caps.max_items ?? Infinity_)) throw new Refused('E-CODEC-002', place);
      if (value.length) zigzag(out, BigInt(value.length));
      value.forEach((v, i) => write(out, s.items, v, { max_bytes: caps.item_max_bytes }, `${place}[${i}]`));
      return void out.push(Buffer.from([0]));
    }
    case 'record':
      for (const f of s.fields) {
        const inner = place ? `${place}.${f.name}` : f.name;
        if (value?.[f.name] === undefined) throw new Refused('E-CODEC-003', inner);
        write(out, f.type, value[f.name], f, inner);
      }
      return;
    default: throw new Error(`cannot write ${JSON.stringify(s)}`);
  }
}

function hex(value, place) {
  if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/.test(value)) throw new Refused('E-CODEC-003', place);
  return Buffer.from(value, 'hex');
}

/** The one encoding of a record. Every field must be there: defaults are written, never assumed. */
export function encode(name, value) {
  const out = [Buffer.from(RECORDS[name].header, 'hex')];
  write(out, name, value, {}, '');
  const bytes = Buffer.concat(out);
  if (bytes.length > RECORDS[name].cap_bytes) throw new Refused('E-CODEC-002', '');
  return bytes;
}
