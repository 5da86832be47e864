import test from 'node:test';
import assert from 'node:assert/strict';
import { hashedOf, ranked, seedSize } from '../src/drawing.mjs';
import { bytes, vectors } from '../support/vectors.mjs';

const { seeds, draws } = vectors('drawing');

for (const v of seeds) test(`seed over leaf ${v.leaf_index}`, () => assert.equal(seedSize(v.leaf_index, v.checkpoints), v.seed_size));
for (const v of draws) test(`draw: ${v.name}`, () => {
  const found = ranked(bytes(v.root), v.convening_id, [...v.pool].reverse());
  assert.deepEqual(found.map((each) => ({ expert: each.expert, rank: each.rank.toString('hex') })), v.ranked);
  assert.equal(hashedOf(bytes(v.root), v.convening_id, v.ranked[0].expert).toString('hex'), v.hashed);
});
