/** Detached JWS with ES256 over the exact bytes that travel (chapter 7). */
import { sign as ecdsa, verify as ecdsaVerify } from 'node:crypto';
import { Refused } from './errors.mjs';

const TYPS = new Set(['envelope', 'receipt', 'checkpoint', 'keys', 'grant', 'conformance', 'directory', 'publication', 'epoch'].map((t) => `yhb-${t}+jws`));
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');

/** Strictly one spelling: what decodes must encode to the same text again. */
function unb64(text) {
  const bytes = Buffer.from(text, 'base64url');
  if (b64(bytes) !== text) throw new Refused('E-CERT-070', 'signature');
  return bytes;
}

/** @returns the token for `body`, signed by a P-256 private key whose certificate has this thumbprint (hex) */
export function sign(body, typ, privateKey, thumbprint) {
  const header = b64(JSON.stringify({ alg: 'ES256', typ, 'x5t#S256': b64(Buffer.from(thumbprint, 'hex')) }));
  const value = ecdsa('sha256', Buffer.from(`${header}.${b64(body)}`), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${header}..${b64(value)}`;
}

/** Reads a token without any cryptography: `{typ, thumbprint (hex), value}`; E-CERT-070 for whatever is not exactly right. */
export function parse(token) {
  const bad = () => new Refused('E-CERT-070', 'signature');
  const m = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{86})$/.exec(token);
  if (!m || token.length > 1024 || m[1].length > 512 || token.endsWith('\n')) throw bad();
  const text = unb64(m[1]).toString('utf8');
  let header;
  try { header = JSON.parse(text); } catch { throw bad(); }
  const names = header && typeof header === 'object' && !Array.isArray(header) ? Object.keys(header).sort().join() : '';
  // JSON.parse keeps the last of two members of one name; three string members have exactly six strings between them.
  if (names !== 'alg,typ,x5t#S256' || (text.match(/"(?:[^"\\]|\\.)*"/g) ?? []).length !== 6) throw bad();
  if (header.alg !== 'ES256' || !TYPS.has(header.typ) || typeof header['x5t#S256'] !== 'string') throw bad();
  const thumbprint = unb64(header['x5t#S256']);
  if (thumbprint.length !== 32) throw bad();
  return { header: m[1], typ: header.typ, thumbprint: thumbprint.toString('hex'), value: unb64(m[2]) };
}

/** Verifies a token over `body` by `certificate` (parsed) as `typ`; throws the first thing that is wrong. */
export function verify(token, body, typ, certificate) {
  const t = parse(token);
  if (t.typ !== typ) throw new Refused('E-CERT-071', 'signature');
  if (t.thumbprint !== certificate.thumbprint) throw new Refused('E-CERT-072', 'signature');
  const input = Buffer.from(`${t.header}.${b64(body)}`);
  if (!ecdsaVerify('sha256', input, { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' }, t.value)) throw new Refused('E-CERT-073', typ);
}
