/**
 * Durable storage: one append-only file of JSON lines. A line is a transaction, `{seq, at, do: [record, …]}`: it is there
 * with its newline or it never happened, so a program killed anywhere starts again from a state that makes sense.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync, existsSync, fstatSync } from 'node:fs';
import { dirname } from 'node:path';

export class Store {
  /** @param {string} path @param {(record: object, seq: number, at: number) => void} apply changes the state in memory */
  constructor(path, apply) {
    mkdirSync(dirname(path), { recursive: true });
    lock(`${path}.pid`);
    Object.assign(this, { apply, seq: 0, fd: openSync(path, 'a+') });
    this.replay();
  }

  /** Applies every whole line and cuts off a torn last one. */
  replay() {
    const size = fstatSync(this.fd).size;
    let rest = Buffer.alloc(0), at = 0, good = 0;
    const chunk = Buffer.alloc(1 << 20);
    while (at < size) {
      const n = readSync(this.fd, chunk, 0, chunk.length, at);
      at += n;
      rest = Buffer.concat([rest, chunk.subarray(0, n)]);
      for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) {
        this.run(JSON.parse(rest.subarray(0, end).toString()));
        good += end + 1;
      }
    }
    if (good < size) ftruncateSync(this.fd, good);
  }

  run(line) {
    this.seq = line.seq;
    for (const record of line.do) this.apply(record, line.seq, line.at);
  }

  /** Writes a transaction, waits until the disk has it, then applies it. */
  commit(records, at = Date.now()) {
    if (!records.length) return;
    const line = { seq: this.seq + 1, at, do: records };
    const bytes = Buffer.from(JSON.stringify(line) + '\n');
    for (let written = 0; written < bytes.length; ) written += writeSync(this.fd, bytes, written);
    fsyncSync(this.fd);
    this.run(line);
  }

  close() { closeSync(this.fd); }
}

/** Two processes on one store would use one id for two messages. The lock of a process that is gone counts for nothing. */
function lock(path) {
  const pid = Number(readIfThere(path));
  const alive = pid && pid !== process.pid && (readIfThere(`/proc/${pid}/cmdline`) ?? '').includes('main.mjs');
  if (alive) throw new Error(`another process, ${pid}, uses this store`);
  writeFileSync(path, String(process.pid));
}

/** Replaces a file as a whole: readers see the old one or the new one. */
export function replaceFile(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`, fd = openSync(temporary, 'w');
  const bytes = Buffer.from(content);
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

export const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);
