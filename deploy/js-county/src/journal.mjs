/** What a county knows of the hub's journal: checkpoints seen, what is proven, what to countersign, forks (12.4, 12.5). */
import { decode } from './codec.mjs';
import { Fork, Refused, Waiting } from './errors.mjs';
import { consistent } from './receipts.mjs';

export class Journal {
  constructor() {
    /** epoch → {proven: size or null, seen: size → {root, bytes, signature, proven, since, asked}} */
    Object.assign(this, { epochs: {}, opened: {} });
  }

  get latest() { return Math.max(0, ...Object.keys(this.epochs).map(Number)); }

  epoch(n) { return (this.epochs[n] ??= { proven: null, seen: {} }); }

  /** Takes note of a root that somebody showed: of the hub with its bytes, of a county's envelope without. */
  see({ epoch, size, root }, bytes = '', signature = '', now = 0) {
    const known = this.epochs[epoch]?.seen[size];
    if (known && known.root !== root) throw new Fork('E-JRNL-103', `${epoch}/${size}`);
    const e = this.epoch(epoch);
    e.seen[size] ??= { root, bytes: '', signature: '', proven: size === 0, since: now };
    if (bytes && !e.seen[size].bytes) Object.assign(e.seen[size], { bytes, signature });
    return 'seen';
  }

  /** A checkpoint of a later epoch counts only after the hub's statement (12.6); the first epoch of all needs none. */
  mayCount(epoch) {
    if (this.latest && epoch > this.latest && !this.opened[epoch]) throw new Waiting('E-JRNL-052', 'epoch');
  }

  /** Takes a publication whose signatures are good. Returns proven or unproven; throws Fork. */
  publish(p, now = 0) {
    const c = decode('Checkpoint', Buffer.from(p.checkpoint, 'hex'));
    this.mayCount(c.epoch);
    this.see(c, p.checkpoint, p.checkpoint_signature, now);
    const e = this.epoch(c.epoch);
    const proofs = new Map(p.proofs.map((x) => [x.size, x.path]));
    for (const [size, path] of proofs) {
      const held = e.seen[size];
      if (held && !consistent(size, held.root, c.size, c.root, path)) throw new Fork('E-JRNL-110', `${c.epoch}/${size}`);
    }
    const proven = e.proven === null || c.size === e.proven || (c.size > e.proven && proofs.has(e.proven));
    if (!proven) {
      e.seen[c.size].published = true;
      return 'unproven';
    }
    e.proven = Math.max(c.size, e.proven ?? 0);
    for (const size of [c.size, ...proofs.keys()]) if (e.seen[size]) e.seen[size].proven = true;
    return 'proven';
  }

  /** The newest proven checkpoint, or the newest seen before any is proven; null before the first (12.4). */
  stated() {
    const e = this.epochs[this.latest];
    if (!e) return null;
    const size = e.proven ?? Math.max(...Object.keys(e.seen).map(Number));
    return { epoch: this.latest, size, root: e.seen[size].root };
  }

  /** Sizes to be asked for, in rising order; the proven one among them when something larger does not follow from it. */
  unproven() {
    const e = this.epochs[this.latest];
    if (!e) return [];
    const open = Object.keys(e.seen).map(Number).filter((s) => !e.seen[s].proven);
    const broken = e.proven !== null && open.some((s) => s > e.proven && e.seen[s].published);
    return [...open, ...(broken ? [e.proven] : [])].sort((a, b) => a - b).slice(0, 64);
  }

  /** Whether something has been unproven for two minutes. */
  overdue(now) {
    const e = this.epochs[this.latest];
    return e ? this.unproven().some((s) => now - (e.seen[s].since ?? now) > 120_000) : false;
  }

  /** Bytes of the newest proven checkpoint, for the countersignature; null when nothing is proven yet. */
  provenBytes() {
    const e = this.epochs[this.latest];
    return e?.proven === null || !e ? null : Buffer.from(e.seen[e.proven].bytes, 'hex');
  }

  /** Takes the hub's statement of a new epoch (12.6); refuses one that does not fit what this county saw. */
  openEpoch(s) {
    const before = this.opened[s.epoch];
    if ((before && s.revision < before.revision) || s.epoch < this.latest || s.revision < 1) throw new Refused('E-JRNL-051', 'epoch');
    const known = before && s.revision === before.revision;
    if (s.restored_checkpoint) {
      const c = decode('Checkpoint', Buffer.from(s.restored_checkpoint, 'hex'));
      const held = this.epochs[c.epoch]?.seen[c.size];
      if (held && held.root !== c.root) throw new Fork('E-JRNL-053', 'restored_checkpoint');
    }
    this.opened[s.epoch] = { revision: s.revision, restored_size: s.restored_size, opened_at: s.opened_at, settled: s.settled };
    return known ? 'known' : 'opened';
  }
}
