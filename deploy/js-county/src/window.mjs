/** What a window county (收件地) does of its own at the window: applications, supplements, what it is answered. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from './codec.mjs';
import { Refused } from './errors.mjs';
import { chinaDay, mintCaseNo } from './identifiers.mjs';
import { log } from './log.mjs';
import { checkDocument } from './messages.mjs';
import { Outbox } from './outbox.mjs';
import { resolve } from './schemas.mjs';

/** A record's JSON with ISO dates made into Avro's numbers, by its schema. */
export function fromIso(type, value) {
  const s = resolve(type);
  if (Array.isArray(s)) return value === null ? null : fromIso(s.find((b) => b !== 'null'), value);
  if (s.logicalType === 'date' && typeof value === 'string') return Math.round(Date.parse(value + 'T00:00:00Z') / 86_400_000);
  if (s.logicalType && typeof value === 'string') return Date.parse(value);
  if (s.type === 'array') return value.map((v) => fromIso(s.items, v));
  if (s.type === 'record') return Object.fromEntries(s.fields.map((f) => [f.name, value?.[f.name] === undefined ? f.default : fromIso(f.type, value[f.name])]));
  return value;
}

export class Window {
  constructor(county) { Object.assign(this, { county, told: new Map() }); }

  /** Looks for new files; each is taken once, by its name. A file that is not right yet is looked at again when it changes. */
  scan() {
    const { config, state } = this.county;
    for (const [folder, take] of [['applications', this.application], ['supplements', this.supplement]]) {
      const path = config.at(config[folder] ?? folder);
      if (!existsSync(path)) continue;
      for (const file of readdirSync(path).filter((f) => f.endsWith('.json')).sort()) {
        const name = `${folder}/${file}`, full = join(path, file), changed = statSync(full).mtimeMs;
        if (state.applications.has(name) || this.told.get(name) === changed) continue;
        try {
          if (take.call(this, name, JSON.parse(readFileSync(full, 'utf8')), file) === 'later') continue;
        } catch (error) {
          log('error', 'file_not_taken', { file: name, code: error.code ?? 'not JSON', field: error.field });
        }
        this.told.set(name, changed);
      }
    }
  }

  /** Mints a case number and opens the case in one transaction with the message that opens it. */
  application(name, json) {
    const { config, state, store, directory } = this.county;
    const record = fromIso('Application', json);
    encode('Application', record);
    if (!directory.usable(Date.now())) return 'later';
    const offering = [...directory.entries.keys()].filter((k) => k.startsWith('offer/') && k.endsWith('/' + record.service_item)).map((k) => k.split('/')[1]);
    if (offering.length !== 1) throw new Refused('E-ADM-041', 'service_item');
    const now = Date.now(), day = chinaDay(now), serial = (state.serials[day] ?? 0) + 1, caseNo = mintCaseNo(config.code, day, serial);
    store.commit([
      { k: 'minted', day, serial }, { k: 'application', file: name, case_no: caseNo },
      { k: 'case', case_no: caseNo, window: config.code, issuing: offering[0], service_item: record.service_item, trial: config.trial, file: name },
      Outbox.wish('application.submitted', offering[0], record, { case_no: caseNo }),
    ]);
    log('info', 'case_opened', { case_no: caseNo, issuing: offering[0], file: name });
  }

  /** `supplements/<case_no>.json`: a Supplement for a case that was asked for one. */
  supplement(name, json, file) {
    const { state, store } = this.county, caseNo = file.slice(0, -5), kase = state.cases.get(caseNo);
    if (!kase || state.caseState(caseNo) !== 'supplement_requested') return 'later';
    const record = fromIso('Supplement', json);
    encode('Supplement', record);
    checkDocument('supplement.provided', record);
    store.commit([{ k: 'application', file: name, case_no: caseNo }, Outbox.wish('supplement.provided', kase.issuing, record, { case_no: caseNo })]);
  }

  /** A notice about one of our own messages (13.2, 13.3). */
  notice(m) {
    const { state, outbox } = this.county, o = state.out.get(m.payload.message_id);
    const ours = o && m.in_reply_to === o.id && o.destination === m.source && o.case_no === m.case_no;
    if (!ours) return [{ k: 'event', event: 'notice_about_nothing', id: m.id, type: m.type, case_no: m.case_no }];
    if (m.type === 'message.received') return m.payload.envelope_sha256 === o.sha256 ? [{ k: 'received', id: o.id, type: o.type, case_no: o.case_no }] : [];
    if (o.refused) return [];
    return [{ k: 'refused', id: o.id, type: o.type, case_no: o.case_no, code: m.payload.code, by: m.source }, ...outbox.afterRefusal(o, m.payload, Date.now())];
  }

  /** Records that follow from a chained message; throws Refused when it cannot be applied. */
  effect(m) {
    switch (m.type) {
      case 'license.issued': return [{ k: 'event', event: 'license_issued', case_no: m.case_no, license_identifier: m.payload.identifier }];
      case 'print.authorised': return this.county.printing.authorised(m);
      case 'print.revoked': return this.county.printing.ended(m.payload.authorisation_no);
      case 'license.state_changed': return this.county.printing.stateChanged(m);
      case 'supplement.requested': return [{ k: 'event', event: 'supplement_wanted', case_no: m.case_no, until: m.payload.supply_until }];
      default: return [];
    }
  }
}
