/** Drawing experts (14.8): the rank of each expert of a pool, and which checkpoint is the seed. */
import { createHash } from 'node:crypto';

const TAG = Buffer.from('yhb-review-draw-v1\0', 'ascii');

/** The first checkpoint over a leaf, by size; null while there is none. */
export const seedSize = (leafIndex, sizes) => sizes.filter((size) => size > leafIndex).sort((a, b) => a - b)[0] ?? null;

/** What an expert's rank is the SHA-256 of. */
export const hashedOf = (root, conveningId, expert) => Buffer.concat([TAG, root, Buffer.from(conveningId + expert, 'ascii')]);

/** Everybody of the pool with rank, smallest first: those drawn, then the reserve. */
export function ranked(root, conveningId, pool) {
  const found = [...new Set(pool)].map((expert) => ({ expert, rank: createHash('sha256').update(hashedOf(root, conveningId, expert)).digest() }));
  return found.sort((a, b) => Buffer.compare(a.rank, b.rank));
}
