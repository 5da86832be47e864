/** What the hub says: receipts, grants, checkpoints, epochs (3.3, 12, 15.2). Each gives records for the store, or throws. */
import { decode, encode } from './codec.mjs';
import { Fork, Refused } from './errors.mjs';
import { Journal } from './journal.mjs';
import { openGrant } from './printing.mjs';
import { openReceipt, proveEntry } from './receipts.mjs';
import { parse, verify } from './signing.mjs';

const b64 = (bytes) => Buffer.from(bytes).toString('base64');

export class HubWords {
  constructor(county) { this.county = county; }

  /** A checkpoint that was shown: a record when it is new, Fork when it contradicts (12.4). */
  seen({ epoch, size, root }, bytes = '', signature = '') {
    const { journal } = this.county.state;
    const known = journal.epochs[epoch]?.seen[size];
    if (known && known.root !== root) throw new Fork('E-JRNL-103', `${epoch}/${size}`);
    return known && (known.bytes || !bytes) ? [] : [{ k: 'seen', epoch, size, root, bytes, signature }];
  }

  receipt(a) {
    const { state, directory, outbox } = this.county;
    const { receipt, checkpoint, checkpointBytes } = openReceipt(a.body, directory);
    state.journal.mayCount(checkpoint.epoch);
    const records = this.seen(checkpoint, checkpointBytes.toString('hex'), receipt.checkpoint_signature);
    for (const entry of receipt.entries) {
      const o = state.out.get(entry.message_id);
      if (!o || o.receipt) continue;
      try {
        const refusal = proveEntry(entry, checkpoint, o.id, Buffer.from(o.body, 'base64'), o.signature);
        const alone = encode('AdmissionReceipt', { ...receipt, entries: [entry] });
        records.push({ k: 'receipt', id: o.id, type: o.type, case_no: o.case_no, verdict: entry.verdict, field: refusal?.field, admitted_at: entry.admitted_at, leaf_index: entry.leaf_index, epoch: checkpoint.epoch, bytes: b64(alone) });
        if (refusal) records.push(...outbox.afterRefusal(o, refusal, entry.admitted_at));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        records.push({ k: 'event', event: 'entry_proves_nothing', id: entry.message_id, code: error.code });
      }
    }
    return records;
  }

  grant(a) {
    const { state, directory, config } = this.county;
    const g = openGrant(a.body, a.signature, directory, config.code, Date.now(), (no) => state.prints.get(no));
    const record = { k: 'grant', no: g.authorisation_no, message_id: a.messageId, granted_at: g.granted_at, body: b64(a.body), signature: a.signature };
    return [record, { k: 'answered', claim_id: g.claim_id }, ...this.county.printing.granted(g, a.messageId)];
  }

  publication(a) {
    const { state, directory, config } = this.county;
    const p = decode('CheckpointPublished', a.body);
    directory.verifyHub(a.signature, a.body, 'yhb-publication+jws', 'hub_signing', p.published_at);
    if (p.county !== config.code) throw new Refused('E-ENV-101', 'county');
    const c = this.checkpoint(p.checkpoint, p.checkpoint_signature);
    const records = p.countersignatures.flatMap((w) => this.witness(w, p.published_at));
    // Judged on a copy first: a fork must be known before anything is written.
    Object.assign(new Journal(), structuredClone({ epochs: state.journal.epochs, opened: state.journal.opened })).publish(p);
    return [...records, { k: 'published', epoch: c.epoch, size: c.size, countersign: p.countersign, body: b64(a.body) }];
  }

  /** Verifies checkpoint bytes (hex) with the hub's signature. */
  checkpoint(hex, signature) {
    const bytes = Buffer.from(hex, 'hex'), c = decode('Checkpoint', bytes);
    this.county.directory.verifyHub(signature, bytes, 'yhb-checkpoint+jws', 'hub_checkpoint', c.made_at);
    return c;
  }

  /** Another county's countersignature: good ones count as seen, others are told to a person (12.5). */
  witness(w, at) {
    const { directory } = this.county;
    let c;
    try {
      c = this.checkpoint(w.checkpoint, w.checkpoint_signature);
      const signer = directory.signer(w.county, parse(w.signature).thumbprint);
      verify(w.signature, Buffer.from(w.checkpoint, 'hex'), 'yhb-checkpoint+jws', signer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return [{ k: 'event', event: 'countersignature_refused', code: 'E-JRNL-115', county: w.county, because: error.code, at }];
    }
    return this.seen(c, w.checkpoint, w.checkpoint_signature);
  }

  epoch(a) {
    const { state, directory } = this.county;
    const s = decode('EpochOpened', a.body);
    directory.verifyHub(a.signature, a.body, 'yhb-epoch+jws', 'hub_checkpoint', s.opened_at);
    for (const kind of ['restored', 'highest']) if (s[`${kind}_checkpoint`]) this.checkpoint(s[`${kind}_checkpoint`], s[`${kind}_signature`]);
    const copy = Object.assign(new Journal(), structuredClone({ epochs: state.journal.epochs, opened: state.journal.opened }));
    if (copy.openEpoch(s) === 'known') return [];
    const report = state.reported.has(s.epoch) || s.settled ? [] : this.county.epochReport(s);
    return [{ k: 'epoch', epoch: s.epoch, revision: s.revision, body: b64(a.body) }, ...report];
  }
}
