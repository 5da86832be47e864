/** Keys and certificates from PEM files, and the card that a joining county hands to the hub's people (chapter 2). */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { certificate } from './certificates.mjs';
import { encode } from './codec.mjs';
import { checkDivisionCode } from './identifiers.mjs';
import { VERSIONS } from './schemas.mjs';
import * as sealing from './sealing.mjs';
import { sign } from './signing.mjs';

/** All certificates of a PEM file in their order. */
export function pemCertificates(path) {
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => certificate(new X509Certificate(pem).raw));
}

function pair(at, { key, chain }, what, code) {
  const privateKey = createPrivateKey(readFileSync(at(key)));
  const [leaf, ...above] = pemCertificates(at(chain));
  const spki = (k) => k.export({ format: 'der', type: 'spki' });
  if (!leaf || !spki(createPublicKey(privateKey)).equals(spki(leaf.publicKey))) throw new Error(`${what}: the key does not fit the certificate`);
  if (leaf.commonName !== code) throw new Error(`${what}: the certificate is not for ${code}`);
  return { privateKey, certificate: leaf, above };
}

/** Reads county.json; paths are relative to its folder. */
export async function load(path) {
  const config = JSON.parse(readFileSync(path, 'utf8'));
  const at = (p) => resolve(path, '..', p);
  const code = config.division_code;
  checkDivisionCode(code);
  const list = [].concat(config.keys.encryption).map((k) => pair(at, k, 'encryption', code));
  const keys = {};
  for (const k of list) keys[k.certificate.thumbprint] = await sealing.recipientKey(k.privateKey);
  return {
    ...config, at, code,
    connection: { ...pair(at, config.keys.connection, 'connection', code), keyPem: readFileSync(at(config.keys.connection.key)), chainPem: readFileSync(at(config.keys.connection.chain)) },
    signing: pair(at, config.keys.signing, 'signing', code),
    encryption: list, hpke: keys, burnt: config.burnt ?? [],
    roots: [].concat(config.roots).flatMap((p) => pemCertificates(at(p))),
  };
}

/** The card: certificates, and the key statement signed with the signing key (10.5). */
export function card(county, now = Date.now()) {
  const statement = encode('KeyStatement', {
    division_code: county.code,
    sequence: Math.floor(now / 60_000),
    suites: ['p256-1'],
    encryption_certificates: county.encryption.map((k) => k.certificate.der.toString('hex')),
    valid_from: now - 300_000,
    valid_until: Math.max(...county.encryption.map((k) => k.certificate.notAfter)),
    contract_versions: VERSIONS,
  });
  const { certificate: signer, privateKey } = county.signing;
  const c = county.card ?? {};
  return {
    division_code: county.code, name: c.name ?? '', authority_name: c.authority_name ?? '', authority_code: c.authority_code ?? '',
    halls: c.halls ?? ['01'], contact: c.contact ?? '', telephone: c.telephone ?? '',
    signing_certificate: signer.der.toString('base64'),
    connection_certificate: county.connection.certificate.der.toString('base64'),
    key_statement: statement.toString('base64'),
    key_statement_signature: sign(statement, 'yhb-keys+jws', privateKey, signer.thumbprint),
    offers: c.offers ?? [],
  };
}
