/** Printing (15): an authorisation is claimed, a grant is judged, a sheet is "printed" once, settled and handed over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from './codec.mjs';
import { Refused } from './errors.mjs';
import { idAbout, newId, sha256hex } from './identifiers.mjs';
import { log } from './log.mjs';
import { Outbox } from './outbox.mjs';
import { replaceFile } from './store.mjs';

const START_WITHIN = 60_000;
const ENDED = new Set(['printed', 'revoked', 'refused', 'over']);

/** Verifies a grant now and that it answers a claim that is open here: `claimOf(authorisation_no)` gives that claim. */
export function openGrant(body, signature, directory, code, now, claimOf) {
  directory.verifyHub(signature, body, 'yhb-grant+jws', 'hub_signing', now);
  const g = decode('Grant', body);
  const claim = claimOf(g.authorisation_no);
  if (g.county !== code || !claim || claim.claim_id !== g.claim_id || claim.station !== g.station) throw new Refused('E-PRINT-306', 'claim_id');
  return g;
}

/** One print's state: claimed → granted → started → printed; or revoked, refused, over. */
export class Printing {
  constructor(county) { this.county = county; }

  get clerk() { return this.county.config.clerk ?? '示例县'; }

  licenseOf(caseNo, identifier) {
    return [...this.county.state.messages.values()].find((m) => m.type === 'license.issued' && m.case_no === caseNo && m.applied && m.payload.identifier === identifier)?.payload;
  }

  /** The file that an authorisation names, and the bytes for the paper: on specimen paper the sealed page itself (15.1). Null when they are not there, or not those of the digests (14.3). */
  sheetOf(license, a) {
    const file = license.files.find((f) => f.sealed_sha256 === a.sealed_sha256);
    const part = file && ['sealed', 'print_file'].find((name) => file[`${name}_sha256`] === a.print_file_sha256);
    if (!part) return null;
    const sealed = Buffer.from(file.sealed, 'hex'), paper = Buffer.from(file[part], 'hex');
    return sha256hex(sealed) === a.sealed_sha256 && sha256hex(paper) === a.print_file_sha256 ? { sealed, paper } : null;
  }

  /** One print of one copy (15.1): checked against the license, then claimed. */
  authorised(m) {
    const { state, config } = this.county, a = m.payload, license = this.licenseOf(m.case_no, a.license_identifier);
    const others = [...state.prints.values()].filter((p) => p.case_no === m.case_no && p.authorisation.copy_kind === a.copy_kind && p.authorisation.copy_no === a.copy_no);
    if (a.target_county !== config.code) throw new Refused('E-ENV-103', 'target_county');
    if (state.prints.has(a.authorisation_no) || others.some((p) => !ENDED.has(p.state) || (p.state === 'printed' && p.result !== 'spoiled'))) throw new Refused('E-ADM-060', 'authorisation_no');
    if (a.replaces !== null && !others.some((p) => p.authorisation.authorisation_no === a.replaces && p.result === 'spoiled')) throw new Refused('E-ADM-062', 'replaces');
    if (!license || !this.sheetOf(license, a)) return [{ k: 'event', event: 'no_document', case_no: m.case_no, authorisation_no: a.authorisation_no, code: 'E-PRINT-303' }];
    const print = { case_no: m.case_no, state: 'claimed', authorisation: a, claim_id: newId(), station: config.station ?? '01', attempt: 1 };
    return [{ k: 'print', no: a.authorisation_no, case_no: m.case_no, patch: print }, this.claim(print)];
  }

  claim(p) {
    const { authorisation_no } = p.authorisation;
    return Outbox.wish('print.claimed', 'hub', { authorisation_no, claim_id: p.claim_id, station: p.station, attempt: p.attempt, claimed_at: Date.now() }, { case_no: p.case_no });
  }

  /** The hub's answer to the open claim (15.2). */
  granted(g, messageId) {
    const no = g.authorisation_no, p = this.county.state.prints.get(no);
    if (p.state !== 'claimed') return [];
    const patch = g.granted ? { state: 'granted', granted_at: g.granted_at, answers: this.askingOf(p, messageId) } : g.code === 'E-ADM-120' ? { again_at: Date.now() + 60_000 } : { state: 'refused', code: g.code };
    return [{ k: 'print', no, case_no: p.case_no, patch }];
  }

  /** The message of ours that an answer of this id answers (15.2); null when there is none. */
  askingOf(p, messageId) {
    const { state, config } = this.county;
    return [...state.out.values()].find((o) => o.claim_id === p.claim_id && idAbout(o.id, `print.granted:${config.code}`) === messageId)?.id ?? null;
  }

  /** The authorisation or its license ended: a grant that has not started ends with "revoked" (15.3). */
  ended(no) {
    const p = this.county.state.prints.get(no);
    if (!p || ENDED.has(p.state)) return [];
    return [{ k: 'print', no, case_no: p.case_no, patch: { revoked: true } }];
  }

  stateChanged(m) {
    const { license_identifier: id, license_state: s } = m.payload;
    if (!this.licenseOf(m.case_no, id)) throw new Refused('E-ADM-067', 'license_identifier');
    const prints = [...this.county.state.prints.values()].filter((p) => p.authorisation.license_identifier === id);
    if (s !== 'valid' && s !== 'suspended') return prints.flatMap((p) => this.ended(p.authorisation.authorisation_no));
    // Valid again: a claim that was refused for the license's state may be made anew, with a new claim id.
    return prints.filter((p) => s === 'valid' && p.state === 'refused' && ['E-ADM-072', 'E-ADM-073'].includes(p.code)).flatMap((p) => {
      const patch = { state: 'claimed', claim_id: newId(), attempt: p.attempt + 1, code: null };
      return [{ k: 'print', no: p.authorisation.authorisation_no, case_no: p.case_no, patch }, this.claim({ ...p, ...patch })];
    });
  }

  /** Moves every print on that can move, and hands over what is printed. Called often; does nothing when there is nothing. */
  tick() {
    for (const [no, p] of this.county.state.prints) {
      if (p.state === 'claimed' && p.revoked) this.finish(no, p, { state: 'over' });
      else if (p.state === 'claimed' && (p.again_at ?? Infinity) < Date.now()) this.ask(no, p, { again_at: null });
      else if (p.state === 'granted') this.start(no, p);
      else if (p.state === 'started') this.afterCrash(no, p);
    }
    for (const caseNo of new Set([...this.county.state.prints.values()].map((p) => p.case_no))) this.handOver(caseNo);
  }

  ask(no, p, patch) {
    this.county.store.commit([{ k: 'print', no, case_no: p.case_no, patch: { state: 'claimed', ...patch } }, this.claim(p)]);
  }

  finish(no, p, patch) { this.county.store.commit([{ k: 'print', no, case_no: p.case_no, patch }]); }

  /** Starts within 60 s of the asking that was answered, by this process's monotonic clock; later, or after a restart, asks again (15.2). */
  start(no, p) {
    const { outbox, state } = this.county;
    if (p.revoked) return this.settle(no, p, 'revoked');
    if (performance.now() - (outbox.askedAt.get(p.answers) ?? -Infinity) > START_WITHIN) return this.ask(no, p, {});
    if (!state.cases.get(p.case_no).trial) return log('error', 'only_trials_are_printed', { authorisation_no: no });
    this.finish(no, p, { state: 'started', started_at: Date.now() });
    this.print(no, state.prints.get(no));
  }

  pathOf(no, end) {
    const { config } = this.county;
    return join(config.at(config.printed ?? 'printed'), no.replaceAll(/[^A-Za-z0-9-]/g, '_') + end);
  }

  /** "Prints": the sealed file first, the print file last and whole, so that its presence says the sheet is out. */
  print(no, p) {
    const { sealed, paper } = this.sheetOf(this.licenseOf(p.case_no, p.authorisation.license_identifier), p.authorisation);
    replaceFile(this.pathOf(no, '.sealed.pdf'), sealed);
    replaceFile(this.pathOf(no, '.print.pdf'), paper);
    this.settle(no, p, 'printed');
  }

  /** Killed between starting and settling. A folder, unlike a printer, can be asked whether the sheet came out. */
  afterCrash(no, p) {
    if (existsSync(this.pathOf(no, '.print.pdf'))) this.settle(no, p, 'printed');
    else this.ask(no, p, {});
  }

  settle(no, p, result) {
    const { state, store } = this.county, now = Date.now(), a = p.authorisation;
    const outcome = { authorisation_no: no, claim_id: p.claim_id, result, stock_kind: a.stock_kind, stock_serial: '', started_at: p.started_at ?? now, settled_at: now, reason: '', clerk: result === 'revoked' ? '' : this.clerk, job_uuid: result === 'revoked' ? '' : p.claim_id };
    const kase = state.cases.get(p.case_no);
    store.commit([{ k: 'print', no, case_no: p.case_no, patch: { state: result, result } }, Outbox.wish('print.settled', kase.issuing, outcome, { case_no: p.case_no })]);
    log('info', 'sheet', { authorisation_no: no, result });
  }

  /** Hands over once every copy that was authorised is accounted for. */
  handOver(caseNo) {
    const { state, store } = this.county, kase = state.cases.get(caseNo);
    const prints = [...state.prints.values()].filter((p) => p.case_no === caseNo);
    const said = [...state.wishes.values(), ...state.out.values()].some((o) => o.case_no === caseNo && (o.type === 'case.handed_over' || (o.type === 'print.settled' && state.wishes.has(o.id))));
    if (said || !prints.every((p) => ENDED.has(p.state)) || state.caseState(caseNo) !== 'printed') return;
    const record = { license_identifier: prints[0].authorisation.license_identifier, handed_over_at: Date.now(), method: 'in_person', recipient: '申请人', waybill: '', clerk: this.clerk };
    store.commit([Outbox.wish('case.handed_over', kase.issuing, record, { case_no: caseNo })]);
  }
}
