/** Certificates, revocation lists, and whether one may act in a role at a time (chapter 6). */
import { X509Certificate, createPublicKey, verify } from 'node:crypto';
import { children, element, extensions, oid, time } from './der.mjs';
import { Refused, Waiting } from './errors.mjs';
import { sha256hex } from './identifiers.mjs';

const ARC = '1.2.840.113556.1.8000.2554.39153.50109.12830.19119.44881.11306033.1523595';
const SIGNATURE = 0, CONTENT_COMMITMENT = 1, KEY_AGREEMENT = 4, CERT_SIGN = 5, CRL_SIGN = 6;
const COUNTY = /^[0-9]{6}$/;
const PROFILES = {
  broker: { subject: /./, usage: SIGNATURE, extended: [`${ARC}.1.1`, '1.3.6.1.5.5.7.3.1'], days: 397, names: true },
  hub_checkpoint: { subject: /^hub$/, usage: SIGNATURE, extended: [`${ARC}.1.3`], days: 397 },
  hub_signing: { subject: /^hub$/, usage: SIGNATURE, extended: [`${ARC}.1.4`], days: 397 },
  county_connection: { subject: COUNTY, usage: SIGNATURE, extended: [`${ARC}.1.5`, '1.3.6.1.5.5.7.3.2'], days: 397 },
  county_signing: { subject: COUNTY, usage: SIGNATURE, extended: [`${ARC}.1.6`], days: 397 },
  county_encryption: { subject: COUNTY, usage: KEY_AGREEMENT, extended: [`${ARC}.1.7`], days: 397 },
  seal: { subject: /./, usage: CONTENT_COMMITMENT, extended: [`${ARC}.1.20`], days: 1095 },
};
const UNDERSTOOD = new Set(['2.5.29.15', '2.5.29.19', '2.5.29.37', '2.5.29.17']);
const HASHES = {
  '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512',
};

const parsed = new Map();

/** A certificate with what the roles ask for; parsed once per DER. */
export function certificate(der) {
  const thumbprint = sha256hex(der);
  if (!parsed.has(thumbprint)) parsed.set(thumbprint, parseCertificate(der, thumbprint));
  return parsed.get(thumbprint);
}

function parseCertificate(der, thumbprint) {
  const outer = element(der);
  if (outer.end !== der.length) throw new Refused('E-CERT-050', 'der');
  const [tbs, algorithm, signature] = children(outer.content);
  const fields = children(tbs.content);
  if (fields[0].tag !== 0xa0) throw new Refused('E-CERT-050', 'version');
  const [, serial, , issuer, validity, subject, key] = fields;
  const exts = fields.find((f) => f.tag === 0xa3);
  const x = exts ? extensions(children(exts.content)[0].content) : new Map();
  const [notBefore, notAfter] = children(validity.content).map(time);
  const constraints = x.get('2.5.29.19');
  const inner = constraints ? children(children(constraints.value)[0].content) : [];
  const extended = x.get('2.5.29.37');
  return {
    der, thumbprint, tbs: tbs.raw, notBefore, notAfter, extensions: x,
    hash: HASHES[oid(children(algorithm.content)[0].content)], signature: signature.content.subarray(1),
    serial: serial.content.toString('hex'), issuer: issuer.raw.toString('hex'), subject: subject.raw.toString('hex'),
    commonName: onlyCommonName(subject), publicKey: createPublicKey({ key: key.raw, format: 'der', type: 'spki' }),
    authority: inner[0]?.tag === 1 && inner[0].content[0] === 0xff,
    pathLength: inner.find((e) => e.tag === 2)?.content.readUIntBE(0, 1),
    usage: usageOf(x.get('2.5.29.15')),
    extendedUsage: extended ? children(children(extended.value)[0].content).map((e) => oid(e.content)) : [],
    trial: x.has(`${ARC}.2.1`), pem: new X509Certificate(der).toString(),
  };
}

/** The one common name that a subject consists of, or null when it has anything else. */
function onlyCommonName(subject) {
  const sets = children(subject.content);
  if (sets.length !== 1) return null;
  const pairs = children(sets[0].content);
  if (pairs.length !== 1) return null;
  const [type, value] = children(pairs[0].content);
  return oid(type.content) === '2.5.4.3' ? value.content.toString('utf8') : null;
}

/** Set of key usage bits. */
function usageOf(ext) {
  const bits = new Set();
  if (!ext) return bits;
  const content = element(ext.value).content.subarray(1);
  for (let i = 0; i < content.length * 8; i++) if (content[i >> 3] & (0x80 >> (i & 7))) bits.add(i);
  return bits;
}

/** A revocation list: issuer, number, times, revoked serials with their dates. */
export function revocationList(der) {
  const [tbs, algorithm, signature] = children(element(der).content);
  const parts = children(tbs.content);
  const [, , issuer, thisUpdate, nextUpdate] = parts;
  const revoked = new Map();
  for (const e of parts.filter((p, i) => i > 4 && p.tag === 0x30).flatMap((p) => children(p.content))) {
    const [serial, date] = children(e.content);
    revoked.set(serial.content.toString('hex'), time(date));
  }
  const exts = parts.find((p) => p.tag === 0xa0);
  const x = exts ? extensions(children(exts.content)[0].content) : new Map();
  if ([...x.values()].some((e) => e.critical) || !x.has('2.5.29.20')) throw new Refused('E-CERT-050', 'revocation list');
  return {
    tbs: tbs.raw, hash: HASHES[oid(children(algorithm.content)[0].content)], signature: signature.content.subarray(1),
    issuer: issuer.raw.toString('hex'), thisUpdate: time(thisUpdate), nextUpdate: time(nextUpdate), revoked,
    number: BigInt('0x' + element(x.get('2.5.29.20').value).content.toString('hex')),
  };
}

/** Whether `issuer` signed this certificate or list. */
function signedBy(thing, issuer) {
  return thing.issuer === issuer.subject && thing.hash !== undefined && verify(thing.hash, thing.tbs, issuer.publicKey, thing.signature);
}

const isP256 = (c) => c.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** The authority above a leaf is one: critical basic constraints with a path length that allows it, certificate signing. */
function isAuthority(c, below) {
  return c.authority && c.extensions.get('2.5.29.19').critical && c.usage.has(CERT_SIGN) && (c.pathLength ?? below) >= below;
}

/**
 * Judges `leaf` in `role` at `at`: returns when good, throws Refused, or Waiting where revocation is unknown.
 * @param {{roots: object[], issuing: object[], lists: object[], trial: boolean}} trust parsed certificates and lists
 */
export function judge(leaf, role, at, { roots, issuing, lists, trial }) {
  if (leaf.authority) throw new Refused('E-CERT-060', role);
  const above = issuing.find((c) => signedBy(leaf, c));
  const root = above && roots.find((c) => signedBy(above, c) && signedBy(c, c));
  if (!root || !isAuthority(above, 0) || !isAuthority(root, 1)) throw new Refused('E-CERT-050', role);
  const chain = [leaf, above, root];
  if (chain.some((c) => [...c.extensions].some(([id, e]) => e.critical && !UNDERSTOOD.has(id)))) throw new Refused('E-CERT-050', role);
  matches(leaf, role);
  if (chain.some((c) => c.trial !== trial)) throw new Refused('E-CERT-064', role);
  if (chain.some((c) => at < c.notBefore)) throw new Waiting('E-CERT-051', role, true);
  if (chain.some((c) => at > c.notAfter)) throw new Refused('E-CERT-052', role);
  const unknown = [[leaf, above], [above, root]].filter(([c, by]) => !knownGood(c, by, at, lists, role));
  if (unknown.length) throw new Waiting('E-CERT-054', role);
}

function matches(leaf, role) {
  const p = PROFILES[role];
  const critical = (id) => leaf.extensions.get(id)?.critical;
  const exact = leaf.usage.size === 1 && leaf.usage.has(p.usage) && critical('2.5.29.15') && critical('2.5.29.19') && isP256(leaf)
    && leaf.extendedUsage.length === p.extended.length && p.extended.every((u) => leaf.extendedUsage.includes(u))
    && leaf.commonName !== null && p.subject.test(leaf.commonName) && leaf.extensions.has('2.5.29.17') === Boolean(p.names)
    && leaf.notAfter - leaf.notBefore <= (p.days + 1) * 86_400_000;
  if (!exact) throw new Refused('E-CERT-055', role);
}

/** False when no list in force says; refused when one says revoked, however old it is (6.3). */
function knownGood(c, by, at, lists, role) {
  const own = lists.filter((l) => l.issuer === by.subject && by.usage.has(CRL_SIGN) && signedBy(l, by));
  if (own.some((l) => l.revoked.get(c.serial) <= at)) throw new Refused('E-CERT-053', role);
  return own.some((l) => at <= l.nextUpdate);
}
