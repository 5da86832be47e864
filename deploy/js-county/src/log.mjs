/** One JSON object per line on stderr. Only ids, types, codes and numbers: no names, no payloads (chapter 16). */
export function log(level, event, more = {}) {
  process.stderr.write(JSON.stringify({ at: new Date().toISOString(), level, event, ...more }) + '\n');
}
