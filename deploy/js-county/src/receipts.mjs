/** The hub's journal: tree proofs, leaves, receipts and evidence (12.1–12.3). */
import { decode } from './codec.mjs';
import { Refused } from './errors.mjs';
import { sha256, sha256hex } from './identifiers.mjs';
import { parse } from './signing.mjs';

const node = (left, right) => sha256(Buffer.concat([Buffer.from([1]), left, right]));
export const leafHash = (leaf) => sha256(Buffer.concat([Buffer.from([0]), leaf]));
const EMPTY = sha256('').toString('hex');
const big = (n) => BigInt(n);

/** RFC 9162, 2.1.3.2. All hashes in hexadecimal. */
export function included(hash, index, size, proof, root) {
  let fn = big(index), sn = big(size) - 1n;
  if (fn < 0n || fn > sn) return false;
  let r = Buffer.from(hash, 'hex');
  for (const p of proof.map((h) => Buffer.from(h, 'hex'))) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      r = node(p, r);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else r = node(r, p);
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && r.toString('hex') === root;
}

/** RFC 9162, 2.1.4.2, with the two cases that the RFC leaves out (12.3). */
export function consistent(oldSize, oldRoot, newSize, newRoot, proof) {
  const first = big(oldSize), second = big(newSize);
  if (first < 0n || first > second) return false;
  if (first === second) return proof.length === 0 && oldRoot === newRoot;
  if (first === 0n) return proof.length === 0 && oldRoot === EMPTY;
  const path = proof.map((h) => Buffer.from(h, 'hex'));
  if ((first & (first - 1n)) === 0n) path.unshift(Buffer.from(oldRoot, 'hex'));
  if (!path.length) return false;
  let fn = first - 1n, sn = second - 1n;
  while (fn & 1n) { fn >>= 1n; sn >>= 1n; }
  let fr = path[0], sr = path[0];
  for (const c of path.slice(1)) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      fr = node(c, fr); sr = node(c, sr);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else sr = node(sr, c);
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && fr.toString('hex') === oldRoot && sr.toString('hex') === newRoot;
}

const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };

/** The leaf of one verdict (12.1), from one's own bytes and what the entry says. */
export function leafOf(body, signature, entry) {
  const refusal = Buffer.from(entry.refusal, 'hex');
  return Buffer.concat([
    Buffer.from('yhb-leaf-v1\0'), sha256(body), u32(signature.length), Buffer.from(signature, 'ascii'),
    Buffer.from(entry.signer_thumbprint, 'hex'), u64(entry.admitted_at), u32(entry.verdict.length), Buffer.from(entry.verdict),
    refusal.length ? sha256(refusal) : Buffer.alloc(32),
  ]);
}

/** Decodes a receipt and verifies its checkpoint's signature with the directory; entries are not judged yet. */
export function openReceipt(bytes, directory) {
  const receipt = decode('AdmissionReceipt', bytes);
  const checkpointBytes = Buffer.from(receipt.checkpoint, 'hex');
  const checkpoint = decode('Checkpoint', checkpointBytes);
  directory.verifyHub(receipt.checkpoint_signature, checkpointBytes, 'yhb-checkpoint+jws', 'hub_checkpoint', checkpoint.made_at);
  return { receipt, checkpoint, checkpointBytes };
}

/** Proves one entry over one's own bytes (12.2, points 2 to 4); returns the decoded refusal, or null for an admission. */
export function proveEntry(entry, checkpoint, messageId, body, signature) {
  const proves = () => {
    if (entry.envelope_sha256 !== sha256hex(body) || entry.message_id !== messageId) return false;
    const hash = leafHash(leafOf(body, signature, entry)).toString('hex');
    return included(hash, entry.leaf_index, checkpoint.size, entry.proof, checkpoint.root);
  };
  if (!proves()) throw new Refused('E-JRNL-101', 'entry');
  if (entry.verdict === 'admitted') {
    if (entry.refusal !== '') throw new Refused('E-JRNL-101', 'refusal');
    return null;
  }
  const refusal = decode('Refusal', Buffer.from(entry.refusal, 'hex'));
  if (refusal.message_id !== messageId || refusal.code !== entry.verdict) throw new Refused('E-JRNL-101', 'refusal');
  return refusal;
}

/** Judges the header `evidence` of a delivered message; returns its entry and checkpoint. */
export function openEvidence(bytes, messageId, body, signature, directory) {
  const opened = openReceipt(bytes, directory);
  const [entry, ...more] = opened.receipt.entries;
  if (!entry || more.length) throw new Refused('E-JRNL-101', 'entries');
  if (proveEntry(entry, opened.checkpoint, messageId, body, signature) || entry.signer_thumbprint !== parse(signature).thumbprint)
    throw new Refused('E-JRNL-101', 'entry');
  return { entry, ...opened };
}
