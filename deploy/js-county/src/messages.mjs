/** The tables of the contract: message types (11.1), legal moves (14.2), facts and what a document must say (9.2, 14.4). */
import { Refused } from './errors.mjs';
import { chinaDate } from './identifiers.mjs';

const row = (record, facts, from, to, exchange, chained, inCase) => ({ record, facts, from, to, exchange, chained, inCase });
const down = (record, facts) => row(record, facts, 'issuing', 'window', 'submit', true, true);
const each = (record, facts) => row(record, facts, 'either', 'either', 'submit', true, true);
const up = (record, facts) => row(record, facts, 'window', 'issuing', 'submit', true, true);

/** What a county says, by type. */
export const TYPES = {
  'application.submitted': { ...up('Application', 'ApplicationFacts'), opens: true },
  'supplement.requested': down('SupplementRequest', 'SupplementRequestFacts'),
  'supplement.provided': up('Supplement', null),
  'application.not_accepted': down('NonAcceptance', 'NonAcceptanceFacts'),
  'application.accepted': down('Acceptance', 'AcceptanceFacts'),
  'review.advanced': down('ReviewStep', 'ReviewFacts'),
  'procedure.opened': down('SpecialProcedure', 'ProcedureFacts'),
  'procedure.closed': down('ProcedureResult', 'ProcedureResultFacts'),
  'deadline.extended': down('Extension', 'ExtensionFacts'),
  'decision.made': down('Decision', 'DecisionFacts'),
  'case.withdrawn': up('Withdrawal', null),
  'case.terminated': down('Termination', 'TerminationFacts'),
  'license.issued': down('License', 'LicenseFacts'),
  'license.state_changed': down('LicenseStateChange', 'LicenseStateFacts'),
  'print.authorised': down('PrintAuthorisation', 'AuthorisationFacts'),
  'print.revoked': down('PrintRevocation', 'PrintRevocationFacts'),
  'print.claimed': row('PrintClaim', 'ClaimFacts', 'window', 'hub', 'express', true, true),
  'print.settled': up('PrintOutcome', 'OutcomeFacts'),
  'case.handed_over': up('HandOver', 'HandOverFacts'),
  'case.closed': down('Closing', 'ClosingFacts'),
  // Around a case (14.7): they leave it where it stands.
  'parcel.sent': each('Parcel', 'ParcelFacts'),
  'parcel.received': each('ParcelReceipt', 'ParcelReceiptFacts'),
  'visit.offered': down('VisitOffer', 'VisitFacts'),
  'visit.booked': up('VisitBooking', 'VisitBookingFacts'),
  'visit.done': each('VisitResult', 'VisitResultFacts'),
  'rating.given': up('Rating', 'RatingFacts'),
  'rating.followed_up': each('RatingFollowUp', 'RatingFollowUpFacts'),
  'license.expiring': down('ExpiryReminder', 'ExpiryReminderFacts'),
  'group.joined': up('GroupPart', 'GroupFacts'),
  'case.undo_requested': up('UndoRequest', null),
  'case.undone': down('UndoResult', 'UndoFacts'),
  // Matters of their own beside the cases.
  'review.convened': down('ReviewConvening', 'ReviewConveningFacts'),
  'review.drawn': down('ReviewDraw', 'ReviewDrawFacts'),
  'review.concluded': down('ReviewReport', 'ReviewReportFacts'),
  'question.asked': { ...up('Question', 'QuestionFacts'), opens: true },
  'question.answered': down('Answer', 'AnswerFacts'),
  'question.continued': up('FurtherQuestion', 'FurtherQuestionFacts'),
  'question.closed': up('QuestionClosing', 'QuestionClosingFacts'),
  'appeal.raised': { ...up('Appeal', 'AppealFacts'), opens: true },
  'appeal.escalated': up('AppealEscalation', 'AppealEscalationFacts'),
  'appeal.returned': up('AppealReturn', 'AppealReturnFacts'),
  'appeal.answered': down('AppealAnswer', 'AppealAnswerFacts'),
  'appeal.closed': up('AppealClosing', 'AppealClosingFacts'),
  'alive.requested': { ...up('AliveRequest', 'AliveRequestFacts'), opens: true },
  'alive.answered': down('AliveAnswer', null),
  'list.published': { ...up('MonthlyList', 'MonthlyListFacts'), opens: true },
  'list.reconciled': down('ListReconciliation', 'ListReconciliationFacts'),
  'opinion.asked': { ...up('OpinionRequest', 'OpinionRequestFacts'), opens: true },
  'opinion.given': down('Opinion', null),
  'opinion.declined': down('OpinionDecline', 'OpinionDeclineFacts'),
  'message.received': row('Received', 'ReceivedFacts', 'either', 'either', 'submit', false, true),
  'message.refused': row('Refusal', 'RefusalFacts', 'either', 'either', 'submit', false, true),
  'checkpoint.countersigned': row('Countersignature', 'CountersignatureFacts', 'either', 'hub', 'submit', false, false),
  'epoch.reported': row('EpochReport', null, 'either', 'hub', 'submit', false, false),
  'license.scannable': row('LicenseScan', null, 'either', 'hub', 'submit', false, false),
  ...Object.fromEntries(Object.entries({ powers: 'WindowPowers', expert: 'Expert', bundle: 'Bundle', item: 'ItemDetail', answer: 'GuideAnswer' })
    .map(([name, record]) => [`${name}.stated`, row(record, null, 'either', 'hub', 'submit', false, false)])),
};

/** What the hub says itself (3.3). */
export const HUB_WORDS = {
  'admission.receipt': { record: 'AdmissionReceipt' },
  'print.granted': { record: 'Grant', typ: 'yhb-grant+jws', role: 'hub_signing' },
  'directory.published': { record: 'Directory', typ: 'yhb-directory+jws', role: 'hub_signing' },
  'checkpoint.published': { record: 'CheckpointPublished', typ: 'yhb-publication+jws', role: 'hub_signing' },
  'epoch.opened': { record: 'EpochOpened', typ: 'yhb-epoch+jws', role: 'hub_checkpoint' },
};

const EARLY = ['submitted', 'supplement_requested', 'supplemented'];
const UNDECIDED = [...EARLY, 'accepted', 'special'];
const LICENSED = ['licensed', 'printed', 'handed_over'];
const UNDER_EXAMINATION = ['accepted', 'special'];
const UNDOABLE = ['granted', 'licensed', 'printed'];
const OF_A_CASE = ['undone', ...UNDECIDED, 'not_accepted', 'granted', 'denied', ...LICENSED, 'closed', 'withdrawn', 'terminated'];
const OPENED = { 'application.submitted': 'submitted', 'question.asked': 'asked', 'appeal.raised': 'appealed', 'alive.requested': 'checking', 'list.published': 'listed', 'opinion.asked': 'reviewing' };
const to = (before, after) => Object.fromEntries(before.map((s) => [s, after ?? s]));

/** State before → state after, by type; `decision.made` and `print.settled` look at a fact besides. */
const MOVES = {
  'supplement.requested': () => to(['submitted'], 'supplement_requested'),
  'supplement.provided': () => to(['supplement_requested'], 'supplemented'),
  'application.not_accepted': () => to(EARLY, 'not_accepted'),
  'application.accepted': () => to(EARLY, 'accepted'),
  'review.advanced': () => to(['accepted']),
  'procedure.opened': () => to(['accepted'], 'special'),
  'procedure.closed': () => to(['special'], 'accepted'),
  'deadline.extended': () => to(['accepted']),
  'decision.made': (f) => (['granted', 'denied'].includes(f.outcome) ? to(['accepted'], f.outcome) : {}),
  'case.withdrawn': () => to(UNDECIDED, 'withdrawn'),
  'case.terminated': () => to(UNDECIDED, 'terminated'),
  'license.issued': () => to(['granted'], 'licensed'),
  'license.state_changed': () => to([...LICENSED, 'closed', 'undone']),
  'print.authorised': () => to(LICENSED),
  'print.revoked': () => to(LICENSED),
  'print.claimed': () => to(LICENSED),
  'print.settled': (f) => ({ ...to(['printed', 'handed_over']), ...(f.result === 'printed' ? { licensed: 'printed' } : f.result ? to(['licensed']) : {}) }),
  'case.handed_over': () => to(['printed'], 'handed_over'),
  'case.closed': () => to(['granted', 'denied', 'licensed', 'handed_over'], 'closed'),
  'parcel.sent': () => to(OF_A_CASE),
  'parcel.received': () => to(OF_A_CASE),
  'visit.offered': () => to(UNDER_EXAMINATION),
  'visit.booked': () => to(UNDER_EXAMINATION),
  'visit.done': () => to(UNDER_EXAMINATION),
  'rating.given': () => to(OF_A_CASE),
  'rating.followed_up': () => to(OF_A_CASE),
  'license.expiring': () => to([...LICENSED, 'closed']),
  'group.joined': () => to(UNDECIDED),
  'case.undo_requested': () => to(UNDOABLE),
  'case.undone': (f) => (f.undo_outcome === 'undone' ? to(UNDOABLE, 'undone') : to(UNDOABLE)),
  'question.answered': () => to(['asked'], 'answered'),
  'question.continued': () => to(['answered'], 'asked'),
  'question.closed': () => to(['asked', 'answered'], 'settled'),
  'appeal.escalated': () => to(['appealed']),
  'appeal.returned': () => to(['appeal_answered'], 'appealed'),
  'appeal.answered': () => to(['appealed'], 'appeal_answered'),
  'appeal.closed': () => to(['appealed', 'appeal_answered'], 'settled'),
  'alive.answered': () => to(['checking'], 'checked'),
  'list.reconciled': () => to(['listed'], 'reconciled'),
  'review.convened': () => to(UNDER_EXAMINATION),
  'review.drawn': () => to(UNDER_EXAMINATION),
  'review.concluded': () => to(UNDER_EXAMINATION),
  'opinion.given': () => to(['reviewing'], 'reviewed'),
  'opinion.declined': () => to(['reviewing'], 'review_declined'),
};

/** The state after a step, or E-ADM-102. `before` null: no case yet. */
export function move(before, type, facts) {
  if (type === 'message.received' || type === 'message.refused') return before;
  if (before === null && OPENED[type]) return OPENED[type];
  const after = before === null ? undefined : MOVES[type]?.(facts ?? {})[before];
  if (!after) throw new Refused('E-ADM-102', 'type', type, before);
  return after;
}

/**
 * Steps of two parties crossed on their way: the state after some order of both in which every step is legal and each
 * party's steps keep their own order (14.2). E-ADM-102 when there is none.
 * @param {{type: string, facts: object}[]} ours @param {{type: string, facts: object}[]} theirs
 */
export function interleave(ours, theirs, start = null) {
  const seen = Array.from({ length: ours.length + 1 }, () => Array.from({ length: theirs.length + 1 }, () => new Set()));
  seen[0][0].add(start);
  const step = (states, into, s) => {
    for (const state of states) try { into.add(move(state, s.type, s.facts)); } catch { /* this order is not legal */ }
  };
  for (let i = 0; i <= ours.length; i++) for (let j = 0; j <= theirs.length; j++) {
    if (i > 0) step(seen[i - 1][j], seen[i][j], ours[i - 1]);
    if (j > 0) step(seen[i][j - 1], seen[i][j], theirs[j - 1]);
  }
  const last = [...seen[ours.length][theirs.length]];
  if (!last.length) throw new Refused('E-ADM-102', 'type', theirs.at(-1)?.type ?? '');
  return last[0];
}

/** Facts that are drawn from other fields than those of their names (9.2). */
const DRAWN = {
  'application.submitted': { material_codes: (p) => p.materials.map((m) => m.code).filter(Boolean), named_licenses: (p) => p.materials.map((m) => m.named_license?.license_identifier).filter(Boolean) },
  'license.issued': { license_identifier: (p) => p.identifier, license_state: (p) => p.state, sealed_sha256: (p) => p.files.map((f) => f.sealed_sha256) },
};

/** The facts that follow from a payload (9.2); null where the type has none. */
export function factsOf(type, payload, fieldNames) {
  if (!TYPES[type].facts) return null;
  return Object.fromEntries(fieldNames.map((n) => [n, DRAWN[type]?.[n] ? DRAWN[type][n](payload) : payload[n]]));
}

const blank = (text) => !text || text.trim() === '';

/** What each document must say (14.4). */
export function checkDocument(type, p) {
  const says = (field, code) => { if (blank(p[field])) throw new Refused(code, field); };
  const notBefore = (date, moment) => { if (p[date] < chinaDate(p[moment])) throw new Refused('E-DOC-005', date); };
  switch (type) {
    case 'supplement.requested':
      says('notice_no', 'E-DOC-004');
      if (!p.defects.length || p.defects.some((d) => blank(d.material) || blank(d.problem) || blank(d.remedy))) throw new Refused('E-DOC-003', 'defects');
      return notBefore('supply_until', 'requested_at');
    case 'supplement.provided':
      if (!p.materials.length && blank(p.note)) throw new Refused('E-DOC-009', 'materials');
      return;
    case 'application.not_accepted': case 'case.terminated':
      says('decision_no', 'E-DOC-004'); says('reasons', 'E-DOC-001');
      return says('remedies', 'E-DOC-002');
    case 'application.accepted':
      says('accept_doc_no', 'E-DOC-004');
      return notBefore('promised_on', 'accepted_at');
    case 'procedure.opened':
      says('reasons', 'E-DOC-001');
      return notBefore('expected_until', 'opened_at');
    case 'procedure.closed': return says('result', 'E-DOC-010');
    case 'deadline.extended':
      if (p.extended_days < 1 || p.extended_days > 10) throw new Refused('E-DOC-006', 'extended_days');
      says('reasons', 'E-DOC-001'); says('approver', 'E-DOC-007');
      return notBefore('promised_on', 'extended_at');
    case 'decision.made':
      says('decision_no', 'E-DOC-004'); says('approver', 'E-DOC-007');
      if (p.outcome === 'denied') { says('reasons', 'E-DOC-001'); says('remedies', 'E-DOC-002'); }
      return;
    case 'license.state_changed':
      says('reasons', 'E-DOC-001'); says('approver', 'E-DOC-007');
      if ((p.license_state === 'superseded') === blank(p.successor)) throw new Refused('E-DOC-008', 'successor');
      return;
    case 'print.revoked': return says('reasons', 'E-DOC-001');
    default:
  }
}
