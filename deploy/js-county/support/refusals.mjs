/** The code with which something is refused, or null. */
export function codeOf(f) { try { f(); return null; } catch (e) { if (!e.code?.startsWith?.('E-')) throw e; return e.code; } }
export async function codeOfAsync(f) { try { await f(); return null; } catch (e) { if (!e.code?.startsWith?.('E-')) throw e; return e.code; } }
