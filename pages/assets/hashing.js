// A picture or recording is hashed here, piece by piece, and stays where it is: its digest goes into the form (FIPS 180-4).
// `data-hashed` names the field of the digest; size and name go into fields of these names, where the form has them.
"use strict";

(() => {
  const PIECE = 4 * 1024 * 1024;
  const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const K = primes.map((p) => fraction(Math.cbrt(p)));
  const right = (x, n) => (x >>> n) | (x << (32 - n));

  class Sha256 {
    constructor() {
      this.state = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)) | 0);
      this.rest = new Uint8Array(0);
      this.length = 0;
      this.words = new Int32Array(64);
    }

    update(bytes) {
      this.length += bytes.length;
      const all = new Uint8Array(this.rest.length + bytes.length);
      all.set(this.rest);
      all.set(bytes, this.rest.length);
      const whole = all.length - (all.length % 64);
      const view = new DataView(all.buffer);
      for (let at = 0; at < whole; at += 64) this.block(view, at);
      this.rest = all.slice(whole);
    }

    block(view, at) {
      const w = this.words;
      for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i += 1) {
        const s0 = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = this.state;
      for (let i = 0; i < 64; i += 1) {
        const t1 = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const t2 = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      this.state = [a, b, c, d, e, f, g, h].map((each, i) => (each + this.state[i]) | 0);
    }

    hex() {
      const bits = this.length * 8;
      const pad = new Uint8Array(64 - ((this.length + 8) % 64) + 8);
      pad[0] = 0x80;
      const end = new DataView(pad.buffer);
      end.setUint32(pad.length - 8, Math.floor(bits / 2 ** 32));
      end.setUint32(pad.length - 4, bits >>> 0);
      this.update(pad);
      return this.state.map((each) => (each >>> 0).toString(16).padStart(8, "0")).join("");
    }
  }

  // By its input, the newest choice: a file chosen meanwhile takes the place of the one that is still being read.
  const chosen = new WeakMap();

  const hash = async (input, file) => {
    const { [input.dataset.hashed]: field, size_bytes: size, name } = input.form.elements;
    const told = input.closest(".row, form").querySelector("progress");
    const digest = new Sha256();
    // Nothing is sent before the digest is there: the field may be left empty, and nobody would notice.
    const enabled = () => [...input.form.querySelectorAll("button")].filter((each) => !each.disabled);
    const mine = { buttons: chosen.get(input)?.buttons ?? enabled() };
    const busy = (is) => {
      told.hidden = !is;
      for (const each of mine.buttons) each.disabled = is;
    };
    chosen.set(input, mine);
    busy(true);
    field.value = "";
    try {
      for (let at = 0; at < file.size; at += PIECE) {
        digest.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
        if (chosen.get(input) !== mine) return;
        told.value = Math.min(1, (at + PIECE) / file.size);
      }
      field.value = digest.hex();
    } finally {
      if (chosen.get(input) === mine) {
        chosen.delete(input);
        busy(false);
      }
    }
    if (size) size.value = file.size;
    if (name && !name.value) name.value = file.name.slice(0, 60);
  };

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches("input[data-hashed]") && input.files.length) hash(input, input.files[0]);
  });
})();
