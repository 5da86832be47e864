/** The county's state in memory: what the store's records add up to. Every change is one record; nothing else changes it. */
import { decode } from './codec.mjs';
import { Journal } from './journal.mjs';
import { TYPES, interleave } from './messages.mjs';

const b64 = (text) => Buffer.from(text, 'base64');

export class State {
  constructor() {
    Object.assign(this, {
      journal: new Journal(), fork: null,
      arrivals: new Map(), // n → what came and is not judged yet
      messages: new Map(), // source/id → other counties' messages that were opened or refused here
      wishes: new Map(), // id → what is to be said, not yet signed
      out: new Map(), // id → what was signed, with its fate
      chains: new Map(), // case/destination → ids in order (11.2)
      cases: new Map(), prints: new Map(), applications: new Map(), serials: {}, nextArrival: 1,
      countersignedAt: 0, countersignWanted: false, reported: new Map(),
    });
  }

  /** @param r one record of the store */
  apply(r, seq, at) {
    switch (r.k) {
      case 'arrived': this.arrivals.set(r.n, { ...r, at }); this.nextArrival = r.n + 1; break;
      case 'waits': this.arrivals.get(r.n).told = r.code; break;
      case 'judged': this.arrivals.delete(r.n); break;
      case 'seen': this.journal.see(r, r.bytes, r.signature, at); break;
      case 'published': this.journal.publish(decode('CheckpointPublished', b64(r.body)), at); this.countersignWanted ||= r.countersign; break;
      case 'epoch': this.journal.openEpoch(decode('EpochOpened', b64(r.body))); break;
      case 'fork': this.fork = r; break;
      case 'minted': this.serials[r.day] = r.serial; break;
      case 'application': this.applications.set(r.file, r.case_no); break;
      case 'case': this.cases.set(r.case_no, { theirs: [], ...r }); break;
      case 'opened': case 'refusedHere': this.messages.set(`${r.source}/${r.id}`, { ...this.messages.get(`${r.source}/${r.id}`), ...r }); break;
      case 'applied': this.applied(this.messages.get(`${r.source}/${r.id}`), r.again); break;
      case 'print': this.prints.set(r.no, { ...this.prints.get(r.no), ...r.patch }); break;
      case 'grant': (this.prints.get(r.no).grants ??= []).push(r); break;
      case 'wish': this.wishes.set(r.id, r); if (r.type === 'checkpoint.countersigned') Object.assign(this, { countersignedAt: at, countersignWanted: false }); break;
      case 'unwished': this.wishes.delete(r.id); break;
      case 'made': this.made(r); break;
      case 'receipt': Object.assign(this.out.get(r.id), { receipt: r, ...(r.verdict === 'admitted' ? {} : { refused: r.verdict, refusedBy: 'hub' }) }); break;
      case 'received': this.out.get(r.id).received = true; break;
      case 'refused': Object.assign(this.out.get(r.id), { refused: r.code, refusedBy: r.by }); break;
      case 'answered': for (const o of this.out.values()) if (o.claim_id === r.claim_id) o.answered = true; break;
      case 'again': Object.assign(this.out.get(r.id), { receipt: null, again: true }); break;
      case 'reported': this.reported.set(r.epoch, r); break;
      default: // 'event' and the like say something to people only
    }
  }

  applied(m, again) {
    m.applied = true;
    if (m.chained && !again) this.cases.get(m.case_no)?.theirs.push({ type: m.type, facts: m.facts });
  }

  made(r) {
    this.wishes.delete(r.id);
    this.out.set(r.id, { ...r, refused: null, received: false, answered: false, receipt: null });
    if (!TYPES[r.type].chained) return;
    const chain = this.chain(r.case_no, r.destination);
    const place = chain.indexOf(r.supersedes);
    if (place >= 0) chain[place] = r.id;
    else chain.push(r.id);
  }

  chain(caseNo, destination) {
    const key = `${caseNo}/${destination}`;
    if (!this.chains.has(key)) this.chains.set(key, []);
    return this.chains.get(key);
  }

  /** `prev` for a new message, or for the second form of one that was refused (11.2, 11.5). */
  prevOf(caseNo, destination, supersedes) {
    const chain = this.chain(caseNo, destination);
    const place = supersedes ? chain.indexOf(supersedes) : -1;
    const before = place >= 0 ? chain.slice(0, place) : chain;
    return before.filter((id) => !this.out.get(id).refused).at(-1) ?? null;
  }

  /** Own steps of a case in order: signed ones that nobody refused for good. E-ENV-011 moved the case all the same (11.6). */
  ourSteps(caseNo) {
    return [...this.out.values()].filter((o) => o.case_no === caseNo && TYPES[o.type].chained && (!o.refused || o.refused === 'E-ENV-011') && !this.supersedesAdmitted(o))
      .map((o) => ({ type: o.type, facts: o.facts }));
  }

  supersedesAdmitted(o) { return Boolean(o.supersedes) && this.out.get(o.supersedes)?.refused === 'E-ENV-011'; }

  /** State of a case; with `next`, whether another step of theirs is legal (throws E-ADM-102). */
  caseState(caseNo, next = null, ownNext = null) {
    const theirs = [...this.cases.get(caseNo).theirs, ...(next ? [next] : [])];
    return interleave([...this.ourSteps(caseNo), ...(ownNext ? [ownNext] : [])], theirs);
  }

  /** Whether the fate of a message is known (11.3). */
  settled(o) {
    if (o.refused) return true;
    if (o.again && !o.receipt) return false; // a restored hub lost it (12.6)
    const admitted = o.receipt?.verdict === 'admitted';
    if (o.destination === 'hub') return admitted && (o.type !== 'print.claimed' || o.answered);
    return TYPES[o.type].chained ? o.received : admitted;
  }
}
