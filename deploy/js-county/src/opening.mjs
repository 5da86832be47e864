/** Opening what came, in the order of 13.1; the first failure decides. Nothing here changes anything. */
import { decode } from './codec.mjs';
import { judge } from './certificates.mjs';
import { checkFacts, bindingOf, openClear } from './envelope.mjs';
import { Refused, Waiting } from './errors.mjs';
import { sha256 } from './identifiers.mjs';
import { TYPES, checkDocument } from './messages.mjs';
import { openEvidence } from './receipts.mjs';
import { parse, verify } from './signing.mjs';
import * as sealing from './sealing.mjs';

/**
 * @param arrival {messageId, type, body, signature, evidence} as it came
 * @param county {code, directory, keys: thumbprint → HPKE key, burnt: thumbprints, cases: number → {window, issuing},
 *   believed(source, id) → sha256 or undefined, awaits(envelope) → whether a message before it has not had its turn here}
 * @returns {envelope, payload, entry, checkpoint, checkpointBytes, receipt}
 */
export async function openMessage(arrival, county) {
  const { body, signature } = arrival;
  const e = clearPart(arrival);
  const believed = county.believed(e.source, e.id);
  if (believed && !believed.equals(sha256(body))) throw new Refused('E-ENV-105', 'id');
  const evidence = openEvidence(arrival.evidence, e.id, body, signature, county.directory);
  const signer = county.directory.signer(e.source, parse(signature).thumbprint);
  judge(signer, 'county_signing', evidence.entry.admitted_at, county.directory.trust);
  if (signer.commonName !== e.source) throw new Refused('E-ENV-102', 'source');
  verify(signature, body, 'yhb-envelope+jws', signer);
  if (e.destination !== county.code) throw new Refused('E-ENV-101', 'destination');
  if (county.burnt.includes(e.encrypted_for)) throw new Refused('E-ENV-011', 'encrypted_for');
  const key = county.keys[e.encrypted_for];
  if (!key) throw new Refused('E-ENV-101', 'encrypted_for');
  checkParties(e, county.cases[e.case_no], county.awaits(e));
  const payloadBytes = await sealing.open(Buffer.from(e.data, 'hex'), bindingOf(e), Buffer.from(e.data_commitment, 'hex'), key);
  const payload = decode(TYPES[e.type].record, payloadBytes);
  checkDocument(e.type, payload);
  checkFacts(e, payload);
  return { envelope: e, payload, ...evidence };
}

/**
 * Step 1. The hub, which reads every version, has admitted it: a record or schema that is not known here is that of a newer
 * version, and nobody is refused for it (E-ENV-112).
 */
export function clearPart({ body, messageId, type }) {
  try {
    return openClear(body, messageId, type);
  } catch (error) {
    const newer = error.code === 'E-CODEC-007' && body[0] === 0xc3 && body[1] === 0x01;
    if (newer || error.code === 'E-ENV-005') throw new Waiting('E-ENV-112', 'dataschema');
    throw error;
  }
}

/** Step 6: an opening message brings its case; any other belongs to one that is known or still to come, and comes from the right party. */
function checkParties(e, known, awaits) {
  if (TYPES[e.type].opens) {
    if (!e.case_no.startsWith(e.source + '-')) throw new Refused('E-ENV-104', 'case_no');
    if (known && (known.window !== e.source || known.issuing !== e.destination)) throw new Refused('E-ENV-104', 'case_no');
    return;
  }
  if (!known && awaits) throw new Waiting('E-ENV-110', 'prev');
  if (!known) throw new Refused('E-ENV-104', 'case_no');
  const { from, to } = TYPES[e.type];
  const allowed = from === 'either' ? [[known.window, known.issuing], [known.issuing, known.window]] : [[known[from], known[to] ?? 'hub']];
  if (!allowed.some(([s, d]) => s === e.source && d === e.destination)) throw new Refused('E-ADM-101', 'source');
}
