/** The hub's directory: applying signed changes, whom to encrypt to, whose signature is whose (chapter 10). */
import { certificate, judge, revocationList } from './certificates.mjs';
import { decode } from './codec.mjs';
import { Refused, Waiting } from './errors.mjs';
import { checkDivisionCode, checkServiceItem, sha256, sha256hex } from './identifiers.mjs';
import { VERSIONS } from './schemas.mjs';
import { parse, verify } from './signing.mjs';
import { Workdays, readCalendar } from './workdays.mjs';

/** Record and key of each kind of the catalogue (10.2). */
const CATALOGUE = {
  item: ['ServiceItem', (r) => r.code],
  implementation: ['Implementation', (r) => `${r.county}/${r.code}`],
  alliance: ['Alliance', (r) => r.id],
  member: ['AllianceMember', (r) => `${r.alliance}/${r.county}`],
  'alliance-item': ['AllianceItem', (r) => `${r.alliance}/${r.service_item}`],
};
const MAX_PARTS = 512;

/** Digest of a whole directory: a map of key to value bytes. */
export function digest(entries) {
  const parts = [Buffer.from('yhb-directory-v1\0')];
  const keys = [...entries.keys()].map((k) => Buffer.from(k)).sort(Buffer.compare);
  for (const k of keys) parts.push(Buffer.from([k.length]), k, sha256(entries.get(k.toString())));
  return sha256hex(Buffer.concat(parts));
}

/** A new entry of a known kind must fit its key (E-LINK-111); kinds that this county does not know count for nothing. */
function checkKey(key, value) {
  const [kind, ...rest] = key.split('/');
  let fits = true;
  try {
    if (kind === 'county') { checkDivisionCode(rest[0]); fits = decode('CountyEntry', value).division_code === rest.join('/'); }
    else if (kind === 'offer') {
      const offer = decode('Offer', value);
      checkDivisionCode(offer.county); checkServiceItem(offer.service_item);
      fits = `${offer.county}/${offer.service_item}` === rest.join('/');
    } else if (Object.hasOwn(CATALOGUE, kind)) {
      const [record, keyOf] = CATALOGUE[kind];
      fits = keyOf(decode(record, value)) === rest.join('/');
    } else if (['issuing', 'hub', 'seal', 'list', 'seal-list', 'notice', 'calendar'].includes(kind)) {
      fits = rest.join('/') === sha256hex(value);
      if (fits && ['issuing', 'hub', 'seal'].includes(kind)) certificate(value);
      if (fits && kind.endsWith('list')) revocationList(value);
    }
  } catch { fits = false; }
  if (!fits) throw new Refused('E-LINK-111', key);
}

/** Whether there is a version of the contract that both state; who states none reads the same as the other (18). */
export const haveInCommon = (theirs, ours) => !theirs.length || !ours.length || theirs.some((v) => ours.includes(v));

export class Directory {
  /** @param {{roots: object[], trial: boolean, code: string}} options the anchors as parsed certificates */
  constructor({ roots, trial, code }) {
    Object.assign(this, { roots, trial, code, serial: 0, issuedAt: 0, expiresAt: 0, stateSha256: null, entries: new Map(), parts: null, numbers: {} });
  }

  /** Trust that follows from a set of entries. */
  trustOf(entries) {
    const of = (kind, make) => [...entries].filter(([k]) => k.startsWith(kind + '/')).map(([, v]) => make(v));
    return { roots: this.roots, trial: this.trial, issuing: of('issuing', certificate), lists: of('list', revocationList) };
  }

  get trust() { return (this.cachedTrust ??= this.trustOf(this.entries)); }

  /**
   * Applies one `directory.published` (10.3). Returns `{outcome}`: applied, known, part, or lacking with `ask`, the serial
   * to ask for. Throws Refused.
   */
  apply(body, signature, now) {
    const d = decode('Directory', body);
    if (d.serial < this.serial && d.issued_at < this.issuedAt) return { outcome: 'known' };
    if (parse(signature).typ !== 'yhb-directory+jws') throw new Refused('E-CERT-071', 'signature');
    const gathered = this.gather(d, body, signature);
    if (!gathered) return { outcome: 'part' };
    const candidate = new Map(d.since === 0 && d.parts !== 0 ? [] : this.entries);
    for (const part of gathered) for (const e of part.entries) candidate.set(e.key, Buffer.from(e.value, 'hex'));
    for (const part of gathered) for (const key of part.removed) candidate.delete(key);
    const unknown = this.checkSigner(d, body, signature, candidate, now);
    if (unknown) return unknown;
    if (d.serial < this.serial || (d.serial === this.serial && d.state_sha256 !== this.stateSha256)) throw new Refused('E-LINK-102', 'serial');
    if (d.serial === this.serial) return { outcome: 'known' };
    if (digest(candidate) !== d.state_sha256) {
      if (d.since === 0 && d.parts !== 0) throw new Refused('E-LINK-110', 'state_sha256');
      // An announcement carries no change, so its wrong digest says nothing about what is held: ask onwards.
      return { outcome: 'lacking', ask: d.parts !== 0 && d.since <= this.serial ? 0 : this.serial };
    }
    for (const [key, value] of candidate) if (!this.entries.get(key)?.equals(value)) checkKey(key, value);
    this.numbers = this.checkNumbers(candidate);
    Object.assign(this, { serial: d.serial, issuedAt: d.issued_at, expiresAt: d.expires_at, stateSha256: d.state_sha256, entries: candidate, cachedTrust: null, cachedCalendar: null, parts: null });
    return { outcome: 'applied' };
  }

  /** Collects the parts of one change; the decoded parts when whole, null before. Each part is signed by itself. */
  gather(d, body, signature) {
    if (d.parts < 2) return [d];
    if (d.parts > MAX_PARTS || d.part < 1 || d.part > d.parts) throw new Refused('E-LINK-110', 'part');
    const name = `${d.serial}/${d.since}/${d.parts}`;
    if (this.parts && this.parts.name !== name && d.serial < this.parts.serial) return null;
    if (this.parts?.name !== name) this.parts = { name, serial: d.serial, of: new Map() };
    this.parts.of.set(d.part, { d, body, signature });
    if (this.parts.of.size < d.parts) return null;
    return [...this.parts.of].sort((a, b) => a[0] - b[0]).map(([, p]) => p.d);
  }

  /** Verifies every signature of the change (rule 4); returns a "lacking" outcome when the signer has to be asked for. */
  checkSigner(d, body, signature, candidate, now) {
    const trust = this.trustOf(candidate);
    this.checkNumbers(candidate);
    const signed = d.parts > 1 ? [...this.parts.of.values()] : [{ body, signature }];
    for (const s of signed) {
      const key = `hub/${parse(s.signature).thumbprint}`;
      const der = candidate.get(key) ?? this.entries.get(key);
      if (!der) {
        const leadsOn = (d.since === 0 && d.parts !== 0) || (d.parts !== 0 && d.since <= this.serial);
        if (leadsOn) throw new Refused('E-CERT-072', 'signature');
        return { outcome: 'lacking', ask: this.serial };
      }
      judge(certificate(der), 'hub_signing', now, trust);
      verify(s.signature, s.body, 'yhb-directory+jws', certificate(der));
    }
    return null;
  }

  /** No list may be older than one seen of the same issuer (E-CERT-056); returns the highest numbers. */
  checkNumbers(candidate) {
    const numbers = { ...this.numbers };
    for (const kind of ['list/', 'seal-list/']) for (const [key, value] of candidate) if (key.startsWith(kind)) {
      let list;
      try { list = revocationList(value); } catch { continue; }
      const id = kind + list.issuer;
      if (numbers[id] !== undefined && list.number < BigInt(numbers[id])) throw new Refused('E-CERT-056', key);
      if (numbers[id] === undefined || list.number > BigInt(numbers[id])) numbers[id] = String(list.number);
    }
    return numbers;
  }

  /** The calendar that was imported over the published one: {carried, certain}, and why it cannot be read (10.7). */
  get calendar() {
    if (this.cachedCalendar) return this.cachedCalendar;
    const values = [...this.entries].filter(([k]) => k.startsWith('calendar/')).map(([, v]) => v);
    let found = { carried: null, certain: values.length === 0 };
    try {
      if (values.length === 1) found = { carried: readCalendar(values[0]), certain: true };
    } catch (error) { found.problem = error; }
    return (this.cachedCalendar = found);
  }

  /** The working days of a county. */
  workdays(code) { return new Workdays(code, this.calendar.carried, this.calendar.certain); }

  usable(now) { return this.serial > 0 && now < this.expiresAt; }

  county(code) {
    const value = this.entries.get(`county/${code}`);
    return value ? decode('CountyEntry', value) : null;
  }

  offers(code, item) { return this.entries.has(`offer/${code}/${item}`); }

  /** Verifies a hub's word or checkpoint by a certificate of the directory in this role at this time. */
  verifyHub(signature, body, typ, role, at) {
    const t = parse(signature);
    if (this.serial === 0) throw new Waiting('E-JRNL-102', 'directory');
    if (t.typ !== typ) throw new Refused('E-CERT-071', 'signature');
    const der = this.entries.get(`hub/${t.thumbprint}`);
    if (!der) throw new Waiting('E-JRNL-102', 'signature', true);
    judge(certificate(der), role, at, this.trust);
    verify(signature, body, typ, certificate(der));
  }

  /** The parsed signing certificate of `source` that a token names: E-ENV-102 when it is another county's, E-ENV-107 when nobody's. */
  signer(source, thumbprint) {
    for (const [key, value] of this.entries) if (key.startsWith('county/')) {
      const entry = decode('CountyEntry', value);
      const der = entry.signing_certificates.find((c) => sha256hex(Buffer.from(c, 'hex')) === thumbprint);
      if (!der) continue;
      if (entry.division_code !== source) throw new Refused('E-ENV-102', 'source');
      return certificate(Buffer.from(der, 'hex'));
    }
    throw new Waiting('E-ENV-107', 'signature', true);
  }

  /** Judges a county's key statement (10.5, 10.6); returns the first certificate that is good now. */
  keyOf(code, now, refusedKeys = []) {
    const entry = this.county(code);
    if (!this.usable(now) || entry?.state !== 'active') throw new Waiting('E-ADM-040', 'destination');
    let statement;
    try { statement = this.statementOf(entry, now); } catch (error) { throw new Waiting(error.code ?? 'E-ADM-080', 'key_statement'); }
    if (!haveInCommon(statement.contract_versions, VERSIONS)) throw new Waiting('E-LINK-106', 'contract_versions');
    for (const der of statement.encryption_certificates) {
      const c = certificate(Buffer.from(der, 'hex'));
      if (refusedKeys.includes(c.thumbprint) || c.commonName !== code) continue;
      try { judge(c, 'county_encryption', now, this.trust); return c; } catch { /* the next one */ }
    }
    throw new Waiting('E-ADM-042', 'encrypted_for');
  }

  /** A county's statement, signed by a signing certificate of the same entry. One that is not good counts for nothing. */
  statementOf(entry, now) {
    const { thumbprint } = parse(entry.key_statement_signature);
    const signer = entry.signing_certificates.map((c) => certificate(Buffer.from(c, 'hex'))).find((c) => c.thumbprint === thumbprint);
    if (!signer) throw new Refused('E-ADM-080', 'key_statement');
    return checkStatement(Buffer.from(entry.key_statement, 'hex'), entry.key_statement_signature, signer, entry.division_code, now, this.trust, false);
  }
}

/** Judges a statement by its signer's certificate. `all`: every certificate must be good, as the hub demands with a card. */
export function checkStatement(bytes, signature, signer, code, now, trust, all = true) {
  verify(signature, bytes, 'yhb-keys+jws', signer);
  judge(signer, 'county_signing', now, trust);
  const s = decode('KeyStatement', bytes);
  const certificates = s.encryption_certificates.map((der) => certificate(Buffer.from(der, 'hex')));
  if (s.division_code !== code || now < s.valid_from || now >= s.valid_until || !certificates.length || !s.suites.includes('p256-1'))
    throw new Refused('E-ADM-080', 'key_statement');
  if (all) for (const c of certificates) {
    judge(c, 'county_encryption', now, trust);
    if (c.commonName !== code) throw new Refused('E-ADM-080', 'encryption_certificates');
  }
  return s;
}
