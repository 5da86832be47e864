import { readFileSync } from 'node:fs';
import { createPrivateKey } from 'node:crypto';
import { certificate, revocationList } from '../src/certificates.mjs';

const DIR = process.env.YHB_VECTORS ?? new URL('../../../docs/contract/vectors/', import.meta.url).pathname;
export const vectors = (name) => JSON.parse(readFileSync(`${DIR}/${name}.json`, 'utf8'));
export const bytes = (hex) => Buffer.from(hex, 'hex');
export const keys = vectors('keys');
export const cert = (name) => certificate(bytes(keys.certificates[name].der));
export const list = (name) => revocationList(bytes(keys.revocation_lists[name].der));
export const jwk = (name) => {
  const k = keys.keys[name], b = (h) => bytes(h).toString('base64url');
  return { kty: 'EC', crv: 'P-256', x: b(k.x), y: b(k.y), d: b(k.private) };
};
export const privateKey = (name) => createPrivateKey({ key: jwk(name), format: 'jwk' });
export const trust = { roots: [cert('root')], issuing: [cert('issuing')], lists: [list('root'), list('issuing')], trial: true };
