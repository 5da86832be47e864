// The public pages. What the visitor holds stands in the fragment of the address: a license's token, of which only a
// digest is sent, and whose face is opened here; or a progress link, which is sent in a body and never in an address.
"use strict";

(() => {
  const page = document.body.dataset.page;
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const utf8 = new TextEncoder();

  const show = (name) => {
    for (const part of document.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== name;
    document.querySelector(`[data-part="${name}"] h1`)?.focus();
  };

  const ask = async (body) => {
    const answer = await fetch(`${page === "license" ? "/v" : "/p"}/find?lang=${language}`, {
      method: "POST", body, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
      headers: { "Content-Type": "text/plain" },
    });
    if (answer.status !== 429 && !answer.ok) throw new Error("not answered");
    return answer;
  };

  const bytesOfHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const hexOf = (bytes) => Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
  const bytesOfBase64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

  // Specification 14.5; the labels and lengths are those of schemas/scanning.py.
  const locatorOf = async (token) => {
    const label = utf8.encode("yhb-scan-locator-v1\0");
    const both = new Uint8Array(label.length + token.length);
    both.set(label);
    both.set(token, label.length);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", both));
  };
  const open = async (token, locator, sealed) => {
    const base = await crypto.subtle.importKey("raw", token, "HKDF", false, ["deriveKey"]);
    const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8.encode("yhb-scan-key-v1") };
    const key = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const seal = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: locator };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(seal, key, sealed.slice(12))));
  };

  // Each says which part is to be shown, and how it is filled: only the newest scan may do so.
  const license = async (fragment) => {
    const token = bytesOfHex(fragment);
    const locator = await locatorOf(token);
    const answer = await ask(hexOf(locator));
    if (answer.status === 429) return ["busy"];
    const said = await answer.json();
    if (!said.state) return ["unknown"];
    const face = await open(token, locator, bytesOfBase64(said.face));
    // Nobody has to sign that a day has come.
    const over = said.state === "valid" && face.valid_until && face.valid_until < said.today;
    const trial = said.trial || face.trial;
    const state = over ? "expired" : said.state;
    const word = trial && state === "valid" ? "" : state; // what has no legal effect is not called valid
    return ["license", () => {
      for (const each of document.querySelectorAll("[data-state]")) each.hidden = each.dataset.state !== word;
      for (const each of document.querySelectorAll("[data-trial]")) each.hidden = !trial;
      for (const each of document.querySelectorAll("[data-field]")) {
        const from = each.dataset.field in face ? face : said;
        each.textContent = from[each.dataset.field] || each.dataset.open || "—";
      }
    }];
  };

  const progress = async (fragment) => {
    const answer = await ask(fragment);
    if (answer.status === 429) return ["busy"];
    const steps = await answer.text();
    return ["answer", () => { document.querySelector('[data-part="answer"]').innerHTML = steps; }];
  };

  let turn = 0;
  const look = async () => {
    const mine = ++turn;
    const fragment = page === "license" ? location.hash.slice(1).toLowerCase() : location.hash.slice(1);
    for (const each of document.querySelectorAll("[data-keeps]")) each.hash = fragment;
    if (page === "license" ? !/^[0-9a-f]{32}$/.test(fragment) : !fragment) return show("none");
    show("asking");
    let found = ["failed"];
    try {
      found = await (page === "license" ? license : progress)(fragment);
    } catch { /* no network, no cryptography in this browser, or a face that does not open */ }
    if (mine !== turn) return;
    found[1]?.();
    show(found[0]);
  };
  addEventListener("hashchange", look);
  for (const each of document.querySelectorAll("[data-again]")) each.addEventListener("click", look);
  look();
})();
