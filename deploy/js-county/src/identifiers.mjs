/** Names that the contract gives to things (chapter 5): codes, items, cases, licenses, messages. */
import { createHash, randomUUID } from 'node:crypto';
import { Refused } from './errors.mjs';

/** Whether a text in facts can be a code (9.2): no words, and no identity number that somebody typed into the wrong field. */
export function isCode(text) {
  if (!/^[!-~]*$/.test(text) && !(/[0-9]/.test(text) && !/[\p{C}\p{Z}]/u.test(text))) return false;
  return !isIdentityNumber(text);
}

/** GB 11643: date of birth in 7 to 14, check character by ISO 7064 MOD 11-2. */
function isIdentityNumber(text) {
  const found = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(text);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number), date = new Date(Date.UTC(year, month - 1, day));
  const sum = [...text].reduce((s, c, i) => s + (c === 'X' ? 10 : Number(c)) * (2 ** (17 - i) % 11), 0);
  return sum % 11 === 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
export const sha256hex = (bytes) => createHash('sha256').update(bytes).digest('hex');

const PROVINCES = new Set('11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82'.split(' '));
const CREDIT = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function checkDivisionCode(text, field = 'division_code') {
  if (!/^[0-9]{6}$/.test(text)) throw new Refused('E-ID-001', field, text);
  if (!PROVINCES.has(text.slice(0, 2))) throw new Refused('E-ID-002', field, text);
}

export function checkCreditCode(text, field = 'credit_code') {
  if (!new RegExp(`^[${CREDIT}]{2}[0-9]{6}[${CREDIT}]{10}$`).test(text)) throw new Refused('E-ID-011', field, text);
  let sum = 0;
  for (let i = 0, weight = 1; i < 17; i++, weight = (weight * 3) % 31) sum += CREDIT.indexOf(text[i]) * weight;
  if (text[17] !== CREDIT[(31 - (sum % 31)) % 31]) throw new Refused('E-ID-012', field, text);
}

export function checkServiceItem(text, field = 'service_item') {
  const basic = text.length === 33 ? text.slice(19, 31) : text.slice(-12);
  if (![12, 31, 33].includes(text.length) || !/^[0-9]{11}[0-9Y]$/.test(basic)) throw new Refused('E-ID-031', field, text);
  if (text.length === 33 && !/^[0-9]{2}$/.test(text.slice(31))) throw new Refused('E-ID-031', field, text);
  if (text.length === 12) return;
  checkCreditCode(text.slice(0, 18), field);
  if (!/^[1-6]$/.test(text[18])) throw new Refused('E-ID-032', field, text);
}

/** ISO 7064 MOD 37,36. */
export function checkCharacter(text) {
  let p = 36;
  for (const c of text) {
    const s = (p + ALPHABET.indexOf(c)) % 36 || 36;
    p = (s * 2) % 37;
  }
  return ALPHABET[(37 - p) % 36];
}

export function checkCaseNo(text, field = 'case_no') {
  const m = /^([0-9]{6})-([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{6})-([0-9A-Z])$/.exec(text);
  if (!m) throw new Refused('E-ID-051', field, text);
  checkDivisionCode(m[1], field);
  const day = new Date(Date.UTC(+m[2], +m[3] - 1, +m[4]));
  if (+m[2] === 0 || day.getUTCMonth() !== +m[3] - 1 || day.getUTCDate() !== +m[4]) throw new Refused('E-ID-052', field, text);
  if (m[5] === '000000') throw new Refused('E-ID-054', field, text);
  if (checkCharacter(text.slice(0, -2).replaceAll('-', '')) !== m[6]) throw new Refused('E-ID-053', field, text);
}

/** Day of a moment in China Standard Time, as YYYY-MM-DD. */
export const chinaDay = (ms) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10);
/** The same in days since 1970, as Avro dates count. */
export const chinaDate = (ms) => Math.floor((ms + 8 * 3600_000) / 86_400_000);

export function mintCaseNo(code, day, serial) {
  const body = `${code}-${day.replaceAll('-', '')}-${String(serial).padStart(6, '0')}`;
  return `${body}-${checkCharacter(body.replaceAll('-', ''))}`;
}

export function checkLicenseIdentifier(text, field = 'license_identifier') {
  const m = /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{6}|[0-9A-Z]{18})\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])$/.exec(text);
  if (!m || text.length > 128) throw new Refused('E-ID-041', field);
  if (m[4] === '000') throw new Refused('E-ID-043', field);
  if (checkCharacter(m.slice(1, 5).join('')) !== m[5]) throw new Refused('E-ID-042', field);
  if (m[2].length === 18) checkCreditCode(m[2], field);
  else checkDivisionCode(m[2], field);
}

export function buildLicenseIdentifier(type, issuer, serial, version) {
  const v = String(version).padStart(3, '0');
  return `1.2.156.3005.2.${type}.${issuer}.${serial}.${v}.${checkCharacter(type + issuer + serial + v)}`;
}

export const isUuid = (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
export const newId = () => randomUUID();

/** UUID version 5: the word about a message gets an id that follows from the message's (5.6). */
export function idAbout(messageId, type) {
  const h = createHash('sha1').update(Buffer.from(messageId.replaceAll('-', ''), 'hex')).update(type).digest().subarray(0, 16);
  h[6] = (h[6] & 0x0f) | 0x50;
  h[8] = (h[8] & 0x3f) | 0x80;
  return h.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The shard of a case, or of the sender for what belongs to no case (3.2). */
export const shardOf = (caseNo, source) => sha256(caseNo || source)[0] % 16;
export const routingKey = (source, type, caseNo) => `from.${source}.${String(shardOf(caseNo, source)).padStart(2, '0')}.${type}`;
