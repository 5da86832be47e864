/** Payloads sealed for one county: HPKE, padding, commitment (chapter 8). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { Refused } from './errors.mjs';
import { sha256 } from './identifiers.mjs';

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** Padmé above 1024: the length says little about the content. */
export function bucket(n) {
  if (n <= 1024) return 1024;
  const e = Math.floor(Math.log2(n));
  const zeroed = e - e.toString(2).length;
  const m = 2 ** zeroed - 1;
  return Math.floor((n + m) / (m + 1)) * (m + 1);
}

export function commit(salt, payload) {
  return sha256(Buffer.concat([salt, payload]));
}

export function pad(salt, payload) {
  const plaintext = Buffer.alloc(bucket(36 + payload.length));
  salt.copy(plaintext);
  plaintext.writeUInt32BE(payload.length, 32);
  payload.copy(plaintext, 36);
  return plaintext;
}

/** `info` binds the ciphertext to the clear fields of its envelope. */
export const infoOf = (binding) => Buffer.concat([Buffer.from('yhb-hpke-v1\0'), binding]);

export const newSalt = () => randomBytes(32);

/** Encrypts a plaintext for a certificate's key; `ephemeral` only for the vectors. */
export async function seal(plaintext, binding, certificate, ephemeral) {
  const jwk = certificate.publicKey.export({ format: 'jwk' });
  const recipientPublicKey = await suite.kem.importKey('jwk', { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, true);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: infoOf(binding), ...(ephemeral && { ekm: ephemeral }) });
  return Buffer.concat([Buffer.from(sender.enc), Buffer.from(await sender.seal(plaintext))]);
}

/** An HPKE private key from a node:crypto key. */
export function recipientKey(privateKey) {
  return suite.kem.importKey('jwk', { ...privateKey.export({ format: 'jwk' }), key_ops: ['deriveBits'] }, false);
}

/** Imports a raw key pair by JWK, for the vectors' ephemeral key. */
export async function keyPair(jwk) {
  const { d, ...open } = jwk;
  return { privateKey: await suite.kem.importKey('jwk', { ...jwk, key_ops: ['deriveBits'] }, false), publicKey: await suite.kem.importKey('jwk', open, true) };
}

/** Opens `data` and returns the payload. Whatever is wrong has one and the same code, so that nobody learns which. */
export async function open(data, binding, commitment, key) {
  try {
    const recipient = await suite.createRecipientContext({ recipientKey: key, enc: data.subarray(0, 65), info: infoOf(binding) });
    const plaintext = Buffer.from(await recipient.open(data.subarray(65)));
    const length = plaintext.readUInt32BE(32);
    if (length > plaintext.length - 36 || plaintext.length !== bucket(36 + length)) throw new Error('length');
    if (plaintext.subarray(36 + length).some((b) => b !== 0)) throw new Error('padding');
    const payload = plaintext.subarray(36, 36 + length);
    if (!commit(plaintext.subarray(0, 32), payload).equals(commitment)) throw new Error('commitment');
    return payload;
  } catch {
    throw new Refused('E-CERT-081', 'data');
  }
}

const partNonce = (index, last) => { const n = Buffer.alloc(12); n.writeUInt32BE(index, 7); n[11] = last ? 1 : 0; return n; };
const PART = Buffer.from('yhb-attachment-v1\0');

/** One part of an attachment (8.4). No message of this version carries a key yet; it is here for the vectors. */
export function sealPart(key, index, last, plaintext) {
  const c = createCipheriv('aes-256-gcm', key, partNonce(index, last)).setAAD(PART);
  return Buffer.concat([c.update(plaintext), c.final(), c.getAuthTag()]);
}

export function openPart(key, index, last, ciphertext) {
  try {
    const d = createDecipheriv('aes-256-gcm', key, partNonce(index, last)).setAAD(PART).setAuthTag(ciphertext.subarray(-16));
    return Buffer.concat([d.update(ciphertext.subarray(0, -16)), d.final()]);
  } catch {
    throw new Refused('E-CERT-083', 'attachment');
  }
}
