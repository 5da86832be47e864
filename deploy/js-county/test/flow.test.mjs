/** A whole case against a small hub and issuing county in memory, with the program killed at every single commit. */
import test from 'node:test';
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { County } from '../src/county.mjs';
import * as sealing from '../src/sealing.mjs';
import { World } from '../support/world.mjs';
import { cert, privateKey } from '../support/vectors.mjs';

const AT = 1795320000000, started = Date.now(), real = Date.now;
const ITEM = '11140881MB0000000U4000131127004';
process.stderr.write = () => true;
Date.now = () => AT + (real() - started);

class FakeLink extends EventEmitter {
  constructor(world) { super(); Object.assign(this, { world, up: true, pending: [] }); }
  publish(p, body) { if (!this.up) return Promise.resolve(false); this.pending.push([p, body]); return Promise.resolve(true); }
  close() { this.up = false; }
  run() { return Promise.resolve(); }
}

const pair = (name) => ({ privateKey: privateKey(name), certificate: cert(name) });
async function configIn(folder) {
  return { code: '130928', trial: true, at: (p) => resolve(folder, p), hub: { host: 'x' }, roots: [cert('root')], burnt: [], connection: pair('window_connection'),
    signing: pair('window_signing'), encryption: [pair('window_encryption')], hpke: { [cert('window_encryption').thumbprint]: await sealing.recipientKey(privateKey('window_encryption')) } };
}

function application(folder) {
  mkdirSync(join(folder, 'applications'));
  const iso = new Date(AT).toISOString();
  writeFileSync(join(folder, 'applications', 'one.json'), JSON.stringify({ project_no: '本地1', project_name: '设立', service_item: ITEM, applicant: { name: '甲', kind: 'natural_person', document_kind: '111', document_no: '0', mobile: '0' }, contact_name: '甲', contact_mobile: '0', registration: { enterprise_name: '某公司', enterprise_kind: '有限', legal_representative: '甲', legal_representative_document_no: '0', registered_capital_fen: 100, address: '某', business_scope: '某' }, materials: [{ name: '章程', copies: 1, taken_as: '原件', note: '', code: null }], mode: 'relayed', alliance: '', applied_at: iso, received_at: iso, window_no: '1', clerk: '丁' }));
}

class Killed extends Error {}

/** Runs a case to its end; the process "dies" at commit number `killAt`, before or after the disk has it. */
async function play(killAt, after, disorder = false, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'county-'));
  application(folder);
  const config = await configIn(folder), world = Object.assign(new World(), options);
  let commits = 0, published = false, lost = null;
  const boot = () => {
    const link = new FakeLink(world), county = new County(config, link), commit = county.store.commit.bind(county.store);
    county.store.commit = (...args) => {
      if (county.stopped) throw new Killed();
      if (args[0].length && ++commits === killAt) { if (after) commit(...args); county.close(); throw new Killed(); }
      commit(...args);
    };
    county.dead = () => county.stopped;
    if (!county.directory.serial) county.ask(0);
    return county;
  };
  let county = boot();
  const closed = () => [...county.state.cases.keys()].some((no) => county.state.caseState(no) === 'closed') && [...county.state.out.values()].every((o) => county.state.settled(o)) && !county.state.wishes.size && !world.queue.length;
  for (let turns = 0; turns < (options.turns ?? 400) && !(closed() && (!options.restoreTo || (lost && world.replayed.length >= lost.length))); turns++) {
    if (options.restoreTo && !lost && closed()) lost = world.restore(options.restoreTo);
    await county.round().catch((e) => { if (!(e instanceof Killed)) throw e; });
    if (county.dead()) { county = boot(); continue; }
    for (const [p, body] of county.link.pending.splice(0)) await world.take(p, body);
    for (const p of county.state.prints.values()) if (p.again_at) p.again_at = 1; // a minute later
    if (options.renewIn > 0 && world.refused && --options.renewIn === 0) { assert.deepEqual(world.superseded.filter(Boolean), [], 'it waits for a directory'); world.renewDirectory(); }
    if (!published && world.settled.length) { published = true; world.publishCheckpoint([]); }
    const taken = world.queue.splice(0);
    if (disorder) taken.reverse();
    for (const a of taken) try { county.keep = County.prototype.keep; county.cycle = () => {}; county.keep(a); } catch (e) { if (!(e instanceof Killed)) throw e; world.queue.push(...taken.slice(taken.indexOf(a))); break; }
    if (county.dead()) county = boot();
  }
  const kase = [...county.state.cases.keys()][0];
  const result = { state: kase && county.state.caseState(kase), commits, world, events: readFileSync(join(folder, 'state/events.jsonl'), 'utf8').trim().split('\n').map(JSON.parse), lost, shown: JSON.parse(readFileSync(join(folder, 'state/cases.json'), 'utf8'))[kase], printed: existsSync(join(folder, 'printed')) ? readdirSync(join(folder, 'printed')).sort() : [], cases: county.state.cases.size };
  county.close();
  rmSync(folder, { recursive: true });
  return result;
}

function check(r, where) {
  assert.equal(r.state, 'closed', where);
  assert.deepEqual([r.cases, r.world.handed, r.printed.length], [1, 1, 2], where);
  assert.deepEqual(r.world.settled, ['printed'], where);
  const seqs = r.events.map((e) => e.seq * 1000 + e.part);
  assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), 'events once and in order');
}

test('a case from application to closing', async () => {
  const r = await play(0, false);
  check(r, 'undisturbed');
  assert.equal(r.world.counters.length, 1);
  assert.equal(r.world.claims, 1);
});
test('everything in the wrong order', async () => check(await play(0, false, true), 'reversed'));
test('refused for its predecessor, said anew in the same place', async () => {
  for (const type of ['application.submitted', 'print.settled', 'print.claimed']) {
    const r = await play(0, false, false, { refuse: { [type]: 'E-ADM-050' } });
    check(r, type);
    assert.equal(r.world.superseded.filter(Boolean).length, 1, type);
  }
});
test('refused for its version, it waits for a newer directory and is said anew', async () => {
  for (const type of ['application.submitted', 'print.settled']) {
    const options = { refuse: { [type]: 'E-ADM-043' }, renewIn: 5 }, r = await play(0, false, false, options);
    check(r, type);
    assert.equal(options.renewIn, 0);
    assert.equal(r.world.superseded.filter(Boolean).length, 1, type);
    assert.ok(r.events.some((e) => e.event === 'refused' && e.code === 'E-ADM-043'), 'a person is told');
  }
});
test('a message in two forms has its effect once', async () => {
  const types = ['application.accepted', 'decision.made', 'license.issued', 'print.authorised', 'case.closed'];
  const count = (r, event) => r.events.filter((e) => e.event === event && types.includes(e.type)).length;
  for (const disorder of [false, true]) for (const type of process.env.LONG === '1' ? types : ['print.authorised']) {
    const both = await play(0, false, disorder, { again: { [type]: {} } });
    check(both, type);
    assert.equal(count(both, 'applied'), types.length, type);
    const late = await play(0, false, disorder, { again: { [type]: { late: true } } });
    check(late, type);
    assert.equal(count(late, 'applied'), types.length, type);
    // Whichever form is opened first counts: the other is signed for when it is the second, and dropped when it is the first.
    for (const [r, second] of [[both, !disorder], [late, disorder]]) {
      assert.deepEqual([count(r, 'second_form_changes_nothing'), count(r, 'dropped_after_its_second_form')], second ? [1, 0] : [0, 1], type);
      assert.equal(r.world.ours.filter((t) => t === 'message.received').length, types.length + Number(second), type);
    }
  }
});
test('what cannot be read is kept and told, and comes in its second form', async () => {
  for (const disorder of [false, true]) {
    const r = await play(0, false, disorder, { again: { 'decision.made': { unread: true } } });
    check(r, 'unread');
    assert.deepEqual(r.events.filter((e) => e.code === 'E-ENV-112').map((e) => e.event), disorder ? [] : ['waiting']);
    assert.deepEqual(r.events.filter((e) => e.event === 'refused_here'), [], 'nobody is refused for it');
    assert.equal(r.events.filter((e) => e.event === 'dropped_after_its_second_form').length, 1);
  }
});
test('the clerk sees until when the issuing county has to say what is missing', async () => {
  const { shown } = await play(0, false, false, { silent: true, turns: 10 });
  assert.deepEqual([shown.state, shown.answer_by], ['submitted', { at: '2026-11-27T09:00:00.000Z', provisional: false }]);
  assert.equal((await play(0, false)).shown.answer_by, undefined);
});
test('a restored hub that is not ready is asked again under the same claim', async () => {
  const r = await play(0, false, false, { busyOnce: true });
  check(r, 'E-ADM-120');
  assert.equal(r.world.claims, 2);
});
test('an answer to none of our askings starts nothing: it is asked again', async () => {
  const r = await play(0, false, false, { oddOnce: true });
  check(r, 'another id');
  assert.equal(r.world.claims, 2);
});
test('a hub restored from a backup gets receipts, grants, and the same bytes again', async () => {
  const r = await play(0, false, false, { restoreTo: 3 });
  check(r, 'restored');
  assert.equal(r.world.reports.length, 1);
  const [report] = r.world.reports;
  assert.deepEqual([report.epoch, report.part, report.parts, report.grants.length], [2, 0, 1, 1]);
  assert.equal(report.receipts.length, r.lost.length);
  assert.deepEqual(r.world.replayed.sort(), r.lost.sort());
});
test('killed at every commit', { timeout: 600_000, skip: process.env.LONG === '1' ? false : 'LONG=1' }, async () => {
  const { commits } = await play(0, false);
  for (let n = 1; n <= commits; n++) for (const after of [false, true]) check(await play(n, after), `killed ${after ? 'after' : 'before'} commit ${n} of ${commits}`);
});
