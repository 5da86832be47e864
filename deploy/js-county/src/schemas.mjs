/** The contract's Avro schemas as plain objects, with named types resolved: what the codec walks over. */
import { readFileSync, readdirSync } from 'node:fs';

const HERE = new URL('../contract/', import.meta.url);
const NAMESPACE = 'cn.yunhuoban.v1.';
const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'string', 'bytes']);

/** Header, dataschema and cap of each record (4.3), taken from encoding.json: the specification says not to compute them. */
export const RECORDS = JSON.parse(readFileSync(new URL('records.json', HERE), 'utf8'));

/** Record name of each header of ten bytes, to tell "another record" from "no record". */
export const BY_HEADER = new Map(Object.entries(RECORDS).map(([name, r]) => [r.header, name]));

/** The released versions that this county reads and writes; it states them with its keys (18). None while the contract is unreleased. */
export const { versions: VERSIONS } = JSON.parse(readFileSync(new URL('versions.json', HERE), 'utf8'));

const types = new Map();

/** Registers a named type and those written inside it; references stay names until they are used. */
function register(schema) {
  if (Array.isArray(schema)) return void schema.forEach(register);
  if (typeof schema !== 'object') return;
  if (schema.name) types.set(NAMESPACE + schema.name, schema);
  for (const field of schema.fields ?? []) register(field.type);
  if (schema.items) register(schema.items);
}

for (const file of readdirSync(new URL('avro/', HERE)))
  if (file.endsWith('.avsc')) register(JSON.parse(readFileSync(new URL('avro/' + file, HERE), 'utf8')));

/** The schema behind a type expression: a primitive's `{type}`, a named type, an array, or an array of union branches. */
export function resolve(type) {
  if (typeof type !== 'string') return type;
  if (PRIMITIVES.has(type)) return { type };
  const found = types.get(type.includes('.') ? type : NAMESPACE + type);
  if (!found) throw new Error(`no schema ${type}`);
  return found;
}

/** Full name of a record, for unions in JSON form. */
export const fullName = (name) => NAMESPACE + name;
