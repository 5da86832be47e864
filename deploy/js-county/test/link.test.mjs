/** A name may have several addresses, and nobody may listen at the first one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { addresses, firstThatAnswers } from '../src/link.mjs';

const known = { a: ['::1', '127.0.0.1'], b: ['192.0.2.1'] };
const resolve = async (host) => {
  if (!known[host]) throw Object.assign(new Error(host), { code: 'ENOTFOUND' });
  return known[host].map((address) => ({ address }));
};

test('every address of every host, the hosts in turn', async () => {
  assert.deepEqual(await addresses(['a', 'b'], 0, resolve), ['::1', '127.0.0.1', '192.0.2.1']);
  assert.deepEqual(await addresses(['a', 'gone', 'b'], 2, resolve), ['192.0.2.1', '::1', '127.0.0.1']);
  await assert.rejects(addresses(['gone'], 0, resolve), { code: 'ENOTFOUND' });
});

test('nobody listens at the first address', async () => {
  const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const connect = async (host) => {
    const socket = net.connect({ host, port });
    await once(socket, 'connect');
    socket.destroy();
    return host;
  };
  assert.equal(await firstThatAnswers(['::1', '127.0.0.1'], connect), '127.0.0.1');
  server.close();
});

test('what says most is thrown', async () => {
  const errors = { here: 'ECONNREFUSED', there: 'ERR_TLS', nowhere: 'ECONNREFUSED' };
  const connect = async (place) => { throw Object.assign(new Error(place), { code: errors[place] }); };
  await assert.rejects(firstThatAnswers(['here', 'there', 'nowhere'], connect), { message: 'there' });
  await assert.rejects(firstThatAnswers(['here', 'nowhere'], connect), { message: 'here' });
});
